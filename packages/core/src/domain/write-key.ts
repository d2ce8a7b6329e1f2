import { accept, type Checked, refuse } from './refusal.ts'

/** Several stand in one column, each in parentheses. */
const WRITE_KEY = /^[a-z0-9-]{8,32}$/

export function isWriteKey(value: unknown): value is string {
  return typeof value === 'string' && WRITE_KEY.test(value)
}

/** Checks a key that a caller made for its claim. */
export function parseWriteKey(input: string): Checked<string> {
  if (isWriteKey(input)) return accept(input)
  return refuse({
    code: 'invalid_write_key',
    message: 'the write key is not one',
    remedy: 'give 8 to 32 lower-case letters, digits or hyphens, new for each claim',
  })
}

/** Tells a write of a claim from any other write of it. Short: a claim keeps several. */
export function newWriteKey(): string {
  const random = () => Math.random().toString(36).slice(2)
  return `${random()}${random()}`.padEnd(16, '0').slice(0, 16)
}
