import type { Command, Option } from 'commander'

/** The kind of word that could stand at the cursor. */
type Wanted =
  | { readonly what: 'words'; readonly words: readonly Word[] }
  /** `besides`: the labels that are on the line already. */
  | { readonly what: 'labels'; readonly of: LabelSource; readonly besides?: readonly string[] }
  | { readonly what: 'kinds' }
  | { readonly what: 'sessions' }

export interface Word {
  readonly value: string
  readonly about: string
}

/**
 * `claim`: the labels of all sessions, and the kinds that a new label may begin with. `anybody`: the labels
 * of all sessions. `mine`: the labels of this session.
 */
export type LabelSource = 'claim' | 'anybody' | 'mine'

export interface Question {
  readonly wanted: Wanted
  /** The part of the word that was typed so far. */
  readonly typed: string
  /** The text before it in the same word, which is part of every answer, such as `--session=`. */
  readonly before: string
  /** Global options already on the line; they decide which board and session answer. */
  readonly dsn: string | undefined
  readonly session: string | undefined
}

/** Verbs whose arguments are labels. */
const LABELS: Readonly<Record<string, LabelSource>> = {
  claim: 'claim',
  peek: 'anybody',
  release: 'mine',
  watch: 'anybody',
}

/** The verb whose first operand is another command: what follows belongs to that command. */
const HANDS_ON = 'run'

/**
 * Works out from a command line what its last word could become.
 *
 * @param typed the words after the program's name up to the cursor, as typed; the last may be empty
 */
export function questionOf(program: Command, typed: readonly string[]): Question {
  const words = typed.map(unquoted)
  const last = words.at(-1) ?? ''
  const line = readLine(program, words.slice(0, -1))
  const { command, pending } = line
  const common = {
    dsn: line.given.get('--dsn') || undefined,
    session: line.given.get('--session') || undefined,
  }
  if (pending) return { ...common, wanted: answerOf(pending), typed: last, before: '' }
  if (!line.literal && last.startsWith('-')) {
    const [name = '', value] = split(last)
    const option = value === undefined ? undefined : optionOf(program, command, name)
    if (option) return { ...common, wanted: answerOf(option), typed: value ?? '', before: `${name}=` }
    return { ...common, wanted: optionsOf(program, line), typed: last, before: '' }
  }
  return { ...common, wanted: operandOf(program, line), typed: last, before: '' }
}

interface Line {
  /** The verb; undefined until one was typed. */
  readonly command: Command | undefined
  readonly operands: readonly string[]
  /** The option whose value comes next. */
  readonly pending: Option | undefined
  /** After `--` nothing is an option. */
  readonly literal: boolean
  readonly given: ReadonlyMap<string, string>
}

function readLine(program: Command, words: readonly string[]): Line {
  let command: Command | undefined
  let pending: Option | undefined
  const operands: string[] = []
  let literal = false
  const given = new Map<string, string>()
  for (const word of words) {
    if (pending) {
      given.set(pending.long ?? '', word)
      pending = undefined
    } else if (!literal && word === '--') literal = true
    else if (!literal && word.startsWith('-')) {
      const [name = '', value] = split(word)
      const option = optionOf(program, command, name)
      given.set(name, value ?? '')
      if (option && takesValue(option) && value === undefined) pending = option
    } else if (command && command.commands.length > 0)
      command = command.commands.find(each => each.name() === word) ?? command
    else if (command) {
      operands.push(word)
      literal ||= command.name() === HANDS_ON
    } else command = program.commands.find(each => each.name() === word)
  }
  return { command, operands, pending, literal, given }
}

function operandOf(program: Command, { command, operands }: Line): Wanted {
  if (!command) return verbsOf(program)
  if (command.commands.length > 0) return verbsOf(command)
  if (operands.length > 0 && !command.registeredArguments[0]?.variadic) return words([])
  const source = LABELS[command.name()]
  const besides = operands.length === 0 ? {} : { besides: operands }
  if (source) return { what: 'labels', of: source, ...besides }
  if (operands.length > 0) return words([])
  return words((command.registeredArguments[0]?.argChoices ?? []).map(value => ({ value, about: '' })))
}

function verbsOf(command: Command): Wanted {
  const visible = command.createHelp().visibleCommands(command)
  return words(
    visible
      .filter(each => each.name() !== 'help' || command.parent === null)
      .map(each => ({ value: each.name(), about: each.summary() || each.description() })),
  )
}

function optionsOf(program: Command, { command, given }: Line): Wanted {
  const help = program.createHelp()
  const own = command ? help.visibleOptions(command) : []
  const everywhere = help
    .visibleOptions(program)
    .filter(({ long }) => !command || (long !== '--version' && long !== '--help'))
  return words(
    [...own, ...everywhere]
      .filter(option => !given.has(option.long ?? '') || option.parseArg !== undefined)
      .map(({ long, description }) => ({ value: long ?? '', about: description })),
  )
}

function answerOf({ long, argChoices = [] }: Option): Wanted {
  if (argChoices.length > 0) return words(argChoices.map(value => ({ value, about: '' })))
  if (long === '--claim') return { what: 'labels', of: 'claim' }
  if (long === '--session' || long === '--to' || long === '--assign') return { what: 'sessions' }
  if (long === '--kind') return { what: 'kinds' }
  return words([])
}

function optionOf(program: Command, command: Command | undefined, name: string): Option | undefined {
  const known = [...(command?.options ?? []), ...program.options]
  return known.find(option => takesValue(option) && (option.long === name || option.short === name))
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional
}

function words(list: readonly Word[]): Wanted {
  return { what: 'words', words: list }
}

/** Splits `--name=value` into its two parts. */
function split(word: string): readonly [string, string?] {
  const at = word.indexOf('=')
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

/**
 * bash passes words on as they were typed, with their quotes; the word at the cursor may have no closing
 * quote yet.
 */
function unquoted(word: string): string {
  const quote = word[0]
  if (quote !== '"' && quote !== "'") return word
  return word.length > 1 && word.endsWith(quote) ? word.slice(1, -1) : word.slice(1)
}
