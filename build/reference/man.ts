import { allVerbs, type CommandLine, type Term, type Verb } from './command-line.ts'
import { FILES, VARIABLES } from './environment.ts'

/** The man page `presence.1`, with the macros of man(7), which groff and mandoc read. */
export function manPage(whole: CommandLine): string {
  const lines = [
    '.\\" Made from the help of packages/cli by: npm run docs:reference',
    '.TH PRESENCE 1 "" presence "User Commands"',
    // Words like PRESENCE_TOKENS stay whole.
    '.nh',
    '.ad l',
    '.SH NAME',
    `presence \\- ${roff(lowerFirst(whole.about).replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B presence',
    roff(whole.usage.replace(/^presence /, '')),
    '.SH DESCRIPTION',
    ...paragraph(whole.about),
    ...whole.notes.flatMap(note => ['.PP', ...paragraph(note)]),
    '.SH COMMANDS',
    ...allVerbs(whole).flatMap(verbLines),
    '.SH OPTIONS',
    'Every command accepts these.',
    ...whole.options.flatMap(termLines),
    '.SH EXIT STATUS',
    ...whole.exits.flatMap(termLines),
    '.SH ENVIRONMENT',
    ...VARIABLES.flatMap(({ name, about }) => termLines({ term: name, about })),
    '.SH FILES',
    ...FILES.flatMap(termLines),
    '.SH EXAMPLES',
    ...(whole.example === undefined ? [] : exampleLines(whole.example)),
  ]
  return `${lines.join('\n')}\n`
}

function verbLines({ name, usage, about, args, options, notes, example }: Verb): readonly string[] {
  return [
    `.SS ${roff(usage)}`,
    ...paragraph(about),
    ...[...args, ...options].flatMap(termLines),
    ...notes.flatMap(note => ['.PP', ...paragraph(note)]),
    ...(example === undefined ? [] : [`.PP`, `Example of ${roff(name)}:`, ...exampleLines(example)]),
  ]
}

function termLines({ term, about }: Term): readonly string[] {
  return ['.TP', `\\fB${roff(term)}\\fR`, ...paragraph(about)]
}

function exampleLines(example: string): readonly string[] {
  return ['.PP', '.nf', '.RS', roff(example), '.RE', '.fi']
}

/** One sentence per line, as roff wants it. */
function paragraph(words: string): readonly string[] {
  return words
    .replace(/`/g, '')
    .replace(/\s+/g, ' ')
    .split(/(?<=[^.][.:;]) (?=[A-Z])/)
    .map(roff)
}

/**
 * Text for roff: dashes that a reader can copy, no characters outside of ASCII, and no line that begins like a
 * request.
 */
function roff(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('`', '\\(ga')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replace(
      /[^\0-\x7f]/gu,
      each => `\\[u${each.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^[.']/, '\\&$&')
}

function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1)
}
