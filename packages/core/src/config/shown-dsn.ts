import { type Dsn, parseDsn } from './dsn.ts'

/**
 * The DSN without its password. Only the parser knows where a password ends: `a@b` and `a:b` are passwords
 * too. Text that it can't parse could hold a password anywhere, so all of it is hidden.
 */
export function withoutPassword(text: string): string {
  const dsn = parsedOrNot(text)
  if (!dsn) return '***'
  const url = dsn.scheme === 'mysql' && dsn.password !== '' ? URL.parse(text) : null
  if (!url) return text
  url.password = '***'
  return url.href
}

export function parsedOrNot(text: string): Dsn | undefined {
  try {
    return parseDsn(text)
  } catch {
    return undefined
  }
}
