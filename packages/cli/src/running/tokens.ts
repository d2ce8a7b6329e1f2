/** Tokens as a command finds them in its environment: `label=token`, the first given first, with a space between. */
export function tokensText(tokens: ReadonlyMap<string, number>): string {
  return [...tokens].map(([label, token]) => `${label}=${token}`).join(' ')
}

/**
 * The token for a label in such a text. A label may itself hold spaces and `=`: it is looked for whole.
 *
 * @returns undefined when there is none
 */
export function tokenIn(text: string, label: string): string | undefined {
  const mark = ` ${label.normalize('NFC')}=`
  const padded = ` ${text}`
  for (let at = padded.indexOf(mark); at >= 0; at = padded.indexOf(mark, at + 1)) {
    const token = /^\d+(?= |$)/.exec(padded.slice(at + mark.length))
    if (token) return token[0]
  }
  return undefined
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
