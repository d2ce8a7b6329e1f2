/**
 * Tokens as a command finds them in its environment: `label=token`, the first given first, with a space between. What of a
 * label would look like the end of it stands as in a URL: `infra:b%20c=1`.
 */
export function tokensText(tokens: ReadonlyMap<string, number>): string {
  return [...tokens].map(([label, token]) => `${escaped(label)}=${token}`).join(' ')
}

/** @returns the token for a label in such a text, the first one; undefined when there is none */
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

/** The token that `presence run` left in the environment for a label; that of another label is none. */
export function tokenFrom(
  env: Readonly<Record<string, string | undefined>>,
  label: string,
): string | undefined {
  const tokens = env['PRESENCE_TOKENS']
  return tokens ? tokenIn(tokens, label) : env['PRESENCE_TOKEN'] || undefined
}

/**
 * A command's environment on the board that `--dsn` names: what it calls speaks to the same board. Tokens that an outer run
 * left there are of another board then, and go.
 */
export function environmentOf(
  env: Readonly<Record<string, string | undefined>>,
  dsn: string | undefined,
): Record<string, string | undefined> {
  if (dsn === undefined || dsn === env['PRESENCE_DSN']) return { ...env }
  return { ...env, PRESENCE_DSN: dsn, PRESENCE_TOKEN: undefined, PRESENCE_TOKENS: undefined }
}
