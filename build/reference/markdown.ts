/**
 * Markdown that looks the same on a forge and on the site, whatever generator makes the site: nothing in it is
 * read as HTML, as a template or as emphasis.
 */

/** The first lines of every page: which file to change instead. */
export function page(title: string, from: string, ...parts: readonly string[]): string {
  const made = `<!-- Made from ${from} by: npm run docs:reference -->`
  return `${[`# ${title}`, made, ...parts.filter(part => part !== '')].join('\n\n')}\n`
}

/** In plain text: code in backticks, addresses, options and variables. */
const CODE =
  /(`[^`]*`|\b(?:https?|http\(s\)|mysql|sqlite):[^\s,;)"`]*[^\s,;.)"`]|(?<![\w-])--[a-z][a-z-]+|\bPRESENCE_[A-Z_]+(?:=[^\s,;]+)?)/

/** Plain text as Markdown. */
export function text(words: string): string {
  return words
    .replace(/\s*\n\s*/g, ' ')
    .split(CODE)
    .map((part, at) => (at % 2 === 0 ? escaped(part) : part.startsWith('`') ? part : code(part)))
    .join('')
}

export function code(words: string): string {
  const fence = words.includes('`') ? '``' : '`'
  const pad = words.includes('`') ? ' ' : ''
  return `${fence}${pad}${words}${pad}${fence}`
}

export function block(language: string, lines: string): string {
  return `\`\`\`${language}\n${lines}\n\`\`\``
}

/** A table; empty without rows. A column in which every row is empty is left out. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = heads.flatMap((_, column) => (rows.some(row => row[column] !== '') ? [column] : []))
  const line = (cells: readonly string[]) =>
    `| ${kept.map(column => (cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`
  if (rows.length === 0) return ''
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The anchor that generators give to a heading of plain words. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')
}

function escaped(words: string): string {
  return words
    .replace(/[\\*<>[\]]/g, '\\$&')
    .replaceAll('{', '&#123;')
    .replace(/(?<![a-z0-9])_|_(?![a-z0-9])/gi, '\\_')
}
