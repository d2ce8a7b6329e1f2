/** A text as a cursor: where a list that is sorted by such texts goes on. */
export function toCursor(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

/** The text that a list goes on behind. Anything is one: what no list gave is a place in it all the same. */
export function fromCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8')
}
