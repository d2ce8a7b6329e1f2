/**
 * The tokens for a command's environment: `label=token` entries, separated by spaces, in the order given.
 * Characters of a label that would look like its end are escaped as in a URL: `infra:b%20c=1`.
 */
export function tokensText(tokens: ReadonlyMap<string, number>): string {
  return [...tokens].map(([label, token]) => `${escaped(label)}=${token}`).join(' ')
}

/** @returns the first token for a label in such a text; undefined if there is none */
export function tokenIn(text: string, label: string): string | undefined {
  const mark = `${escaped(label.normalize('NFC'))}=`
  return text
    .split(' ')
    .filter(entry => entry.startsWith(mark))
    .map(entry => entry.slice(mark.length))
    .find(token => /^\d+$/.test(token))
}

function escaped(label: string): string {
  return label.replace(/[ %=]/g, encodeURIComponent)
}

/**
 * The token that `presence run` left in the environment for a label. The token of another label doesn't
 * count.
 */
export function tokenFrom(
  env: Readonly<Record<string, string | undefined>>,
  label: string,
): string | undefined {
  const tokens = env['PRESENCE_TOKENS']
  return tokens ? tokenIn(tokens, label) : env['PRESENCE_TOKEN'] || undefined
}

/**
 * The environment of a command on the board that `--dsn` names, so that presence commands inside it use the
 * same board. Tokens from an outer run then belong to another board, and are removed.
 */
export function environmentOf(
  env: Readonly<Record<string, string | undefined>>,
  dsn: string | undefined,
): Record<string, string | undefined> {
  if (dsn === undefined || dsn === env['PRESENCE_DSN']) return { ...env }
  return { ...env, PRESENCE_DSN: dsn, PRESENCE_TOKEN: undefined, PRESENCE_TOKENS: undefined }
}
