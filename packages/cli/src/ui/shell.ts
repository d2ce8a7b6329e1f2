/** A text as one word of a shell, whatever is in it. */
export function inQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** The same for a command that somebody is told to type: without quotes where none are needed. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : inQuotes(text)
}
