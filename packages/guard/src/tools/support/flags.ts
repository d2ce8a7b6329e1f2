import type { Word } from '../tool.ts'

/** How a tool's flags are read. Flags that aren't listed have no value, unless it is given with `=`. */
export interface FlagTable {
  /**
   * Flags that take the next word as their value, each with its spellings: `'-n --namespace'`. The name of a flag
   * is its last spelling without dashes.
   */
  readonly values?: readonly string[]
  /** Flags without a value that have several spellings: `'-A --all-namespaces'`. */
  readonly switches?: readonly string[]
  /** True for tools whose long flags have one dash, such as terraform: `-chdir=x` isn't a cluster. */
  readonly singleDash?: boolean
  /** True to stop at the first word that isn't a flag: it and what follows are `words`. */
  readonly stopsAtWord?: boolean
}

/** The flags and words of a command. */
export interface Flags {
  /** The words that are neither flags nor their values, without those after `--`. */
  readonly words: readonly Word[]
  /** The words after `--`, or undefined if there is no `--`. */
  readonly rest: readonly Word[] | undefined
  /** True if the flag is given at least once, with or without a value. */
  has(...names: readonly string[]): boolean
  /** The last value of the flag; of a switch without a value undefined. */
  value(name: string): Word | undefined
  /** All values of the flag, in order. */
  values(name: string): readonly Word[]
  /** Every flag's name that was given, in order. */
  readonly names: readonly string[]
}

interface Spelling {
  readonly name: string
  readonly takesValue: boolean
}

const TABLES = new WeakMap<FlagTable, ReadonlyMap<string, Spelling>>()

/** The spellings of a table, each with its flag. */
function spellingsOf(table: FlagTable): ReadonlyMap<string, Spelling> {
  const known = TABLES.get(table)
  if (known) return known
  const spellings = new Map<string, Spelling>()
  const add = (entries: readonly string[] | undefined, takesValue: boolean) => {
    for (const entry of entries ?? []) {
      const forms = entry.split(' ')
      const name = bare(forms.at(-1) ?? '')
      for (const form of forms) spellings.set(form, { name, takesValue })
    }
  }
  add(table.switches, false)
  add(table.values, true)
  TABLES.set(table, spellings)
  return spellings
}

const bare = (flag: string) => flag.replace(/^--?/, '')

/** The part of a word from `at` on, as a word with the same place in the line. */
function tail(word: Word, at: number): Word {
  const { from, to, raw } = word
  return word.text === undefined
    ? { text: undefined, start: word.start?.slice(at), from, to, raw }
    : { text: word.text.slice(at), from, to, raw }
}

/**
 * Reads flags: `--x y`, `--x=y`, `-x y`, `-xy`, clusters like `-it`, and `--`. A word whose start isn't known counts
 * as a word, not as a flag.
 */
export function parseFlags(args: readonly Word[], table: FlagTable): Flags {
  const spellings = spellingsOf(table)
  const given: { readonly name: string; readonly value: Word | undefined }[] = []
  const words: Word[] = []
  let rest: readonly Word[] | undefined
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as Word
    const text = word.text ?? word.start ?? ''
    if (word.text === '--') {
      rest = args.slice(at + 1)
      break
    }
    if (!text.startsWith('-') || text === '-') {
      if (table.stopsAtWord) {
        words.push(...args.slice(at))
        break
      }
      words.push(word)
      continue
    }
    const next = () => args[++at]
    if (text.startsWith('--') || table.singleDash) given.push(longFlag(word, text, spellings, next))
    else given.push(...cluster(word, text, spellings, next))
  }
  return {
    words,
    rest,
    names: given.map(each => each.name),
    has: (...names) => given.some(each => names.includes(each.name)),
    value: name => given.findLast(each => each.name === name)?.value,
    values: name => given.flatMap(each => (each.name === name && each.value ? [each.value] : [])),
  }
}

function longFlag(
  word: Word,
  text: string,
  spellings: ReadonlyMap<string, Spelling>,
  next: () => Word | undefined,
) {
  const equals = text.indexOf('=')
  const form = equals < 0 ? text : text.slice(0, equals)
  const known = spellings.get(form) ?? spellings.get(form.startsWith('--') ? form.slice(1) : `-${form}`)
  const name = known?.name ?? bare(form)
  if (equals >= 0) return { name, value: tail(word, equals + 1) }
  return { name, value: known?.takesValue ? next() : undefined }
}

/** `-it`, `-nprod`, `-n prod`, `-n=prod`. */
function cluster(
  word: Word,
  text: string,
  spellings: ReadonlyMap<string, Spelling>,
  next: () => Word | undefined,
) {
  const whole = spellings.get(text)
  if (whole && text.length > 2) return [{ name: whole.name, value: whole.takesValue ? next() : undefined }]
  const given: { readonly name: string; readonly value: Word | undefined }[] = []
  for (let at = 1; at < text.length; at++) {
    const letter = text[at] as string
    if (letter === '=') {
      const last = given.pop()
      if (last) given.push({ name: last.name, value: tail(word, at + 1) })
      return given
    }
    const known = spellings.get(`-${letter}`)
    const name = known?.name ?? letter
    if (!known?.takesValue) {
      given.push({ name, value: undefined })
      continue
    }
    const isLast = at === text.length - 1 && word.text !== undefined
    const from = text[at + 1] === '=' ? at + 2 : at + 1
    given.push({ name, value: isLast ? next() : tail(word, from) })
    return given
  }
  return given
}

/** From the first to the end of the last of some words, for the `words` of an effect. */
export function span(...words: readonly (Word | undefined)[]): readonly [number, number] {
  const given = words.filter(word => word !== undefined)
  if (!given.length) return [0, 0]
  return [Math.min(...given.map(word => word.from)), Math.max(...given.map(word => word.to))]
}
