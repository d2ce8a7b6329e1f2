import type { EventEmitter } from 'node:events'
import type { Io } from '../../packages/cli/src/io.ts'
import { wholeProgram } from '../../packages/cli/src/run.ts'
import { anchor, block, code, page, table, text } from './markdown.ts'

type Command = Awaited<ReturnType<typeof wholeProgram>>

/** A word of the command line, and what it means. */
export interface Term {
  readonly term: string
  readonly about: string
}

/** A command as `--help` shows it. */
export interface Verb {
  /** `presence message send` */
  readonly name: string
  readonly usage: string
  readonly summary: string
  readonly about: string
  readonly args: readonly Term[]
  readonly options: readonly Term[]
  readonly notes: readonly string[]
  readonly example: string | undefined
  readonly verbs: readonly Verb[]
}

export interface CommandLine extends Verb {
  /** The options that every verb accepts. */
  readonly exits: readonly Term[]
}

/** The command prints nothing here: it is only described. */
const IO: Io = {
  env: {},
  cwd: '/',
  out: () => {},
  err: () => {},
  watched: false,
  progress: () => {},
  ask: async () => undefined,
  askLine: async () => undefined,
  page: () => {},
  width: Number.POSITIVE_INFINITY,
  paint: (_, words) => words,
}

export async function commandLine(): Promise<CommandLine> {
  const program = await wholeProgram(IO)
  const { exits, rest } = exitsIn(after(program).lines)
  return { ...verbOf(program), notes: paragraphs(rest), exits }
}

function verbOf(command: Command): Verb {
  const help = command.createHelp()
  const { lines, example } = after(command)
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help')
  return {
    notes: paragraphs(lines),
    example,
    name: help.commandUsage(command).split(/ \[| </, 1)[0] ?? '',
    usage: help.commandUsage(command),
    summary: command.summary(),
    about: command.description(),
    args: help.visibleArguments(command).map(argument => ({
      term: help.argumentTerm(argument),
      about: help.argumentDescription(argument),
    })),
    options: options.map(option => ({
      term: help.optionTerm(option),
      about: help.optionDescription(option),
    })),
    verbs: help
      .visibleCommands(command)
      .filter(each => each.name() !== 'help')
      .map(verbOf),
  }
}

/** What `addHelpText` adds. An example is its last line. */
function after(command: Command): { lines: readonly string[]; example: string | undefined } {
  let added = ''
  const write = (words: string) => {
    added += words
  }
  // Commander's types don't show that a command is one.
  const emitter = command as unknown as EventEmitter
  emitter.emit('afterHelp', { error: false, command, write })
  const lines = added.trim().split('\n')
  const [, example] = /^Example: (.*)$/.exec(lines.at(-1) ?? '') ?? []
  return { lines: example === undefined ? lines : lines.slice(0, -1), example }
}

/** The paragraphs of lines that are cut at 80 columns: a paragraph ends with its sentence. */
function paragraphs(lines: readonly string[]): readonly string[] {
  return lines
    .join('\n')
    .split(/\n{2,}|(?<=[.:])\n(?=\S)/)
    .map(each => each.replaceAll('\n', ' ').trim())
    .filter(each => each !== '')
}

/** Takes the table of exit statuses out of the help's last part. */
function exitsIn(lines: readonly string[]): { exits: readonly Term[]; rest: readonly string[] } {
  const exits: Term[] = []
  const rest: string[] = []
  for (const line of lines) {
    const [, term, about = ''] = /^ {2}(\d) {2}(.*)$/.exec(line) ?? []
    const last = exits.at(-1)
    if (term !== undefined) exits.push({ term, about })
    else if (last && /^ {5}\S/.test(line))
      exits[exits.length - 1] = { ...last, about: `${last.about} ${line.trim()}` }
    else if (line !== 'Exit status:') rest.push(line)
  }
  if (exits.length === 0) throw new Error('the help of presence has no exit statuses')
  return { exits, rest }
}

/** Every verb, and the verbs beneath it, in the order of the help. */
export function allVerbs({ verbs }: Pick<Verb, 'verbs'>): readonly Verb[] {
  return verbs.flatMap(verb => [verb, ...allVerbs(verb)])
}

export function commandLinePage(whole: CommandLine): string {
  return page(
    'Commands',
    'the help of packages/cli',
    text(whole.about),
    block('text', whole.usage),
    table(
      ['Command', 'Purpose'],
      whole.verbs.map(({ name, summary }) => [`[${code(name)}](#${anchor(name)})`, text(summary)]),
    ),
    '## Options of every command',
    terms(whole.options),
    ...whole.notes.map(text),
    'The exit statuses are on [their own page](exit-statuses.md).',
    ...allVerbs(whole).map(sectionOf),
  )
}

function sectionOf(verb: Verb): string {
  const { name, usage, about, args, options, notes, example } = verb
  return [
    `## ${name}`,
    text(about),
    block('text', usage),
    table(
      ['Argument', 'Meaning'],
      args.map(({ term, about }) => [code(term), text(about)]),
    ),
    terms(options),
    ...notes.map(text),
    example === undefined ? '' : block('sh', example),
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

function terms(options: readonly Term[]): string {
  return table(
    ['Option', 'Meaning'],
    options.map(({ term, about }) => [code(term), text(about)]),
  )
}
