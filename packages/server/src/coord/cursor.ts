/** Encodes a sort key as a cursor: the next page starts after it. */
export function toCursor(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

/**
 * Decodes a cursor to a sort key. Never fails: any text, even one that no list returned, is a valid position.
 */
export function fromCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8')
}
