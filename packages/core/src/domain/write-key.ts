import { accept, type Checked, refuse } from './refusal.ts'

/** One column holds several keys, each in parentheses. */
const WRITE_KEY = /^[a-z0-9-]{8,32}$/

export function isWriteKey(value: unknown): value is string {
  return typeof value === 'string' && WRITE_KEY.test(value)
}

/** Parses a key that a caller created for its claim. */
export function parseWriteKey(input: string): Checked<string> {
  if (isWriteKey(input)) return accept(input)
  return refuse({
    code: 'invalid_write_key',
    message: 'the write key is not valid',
    remedy: 'give 8 to 32 lower-case letters, digits or hyphens, new for each claim',
  })
}

/**
 * Creates a value that no other process creates: the key of a write, a revision, the id of a waiter. It is short
 * because a claim stores several. Loading `node:crypto` would take 8 ms.
 */
export function newKey(): string {
  const random = () => Math.random().toString(36).slice(2)
  return `${random()}${random()}`.padEnd(16, '0').slice(0, 16)
}
