import { span } from '../support/index.ts'
import type { Call, Found, Word } from '../tool.ts'

/** The command and the options of a tool whose options have any number of values, as those of aws and az do. */
export interface Options {
  /** The words before the first option that isn't global: `ec2 stop-instances`. */
  readonly path: readonly Word[]
  /** True if the option is given. */
  has(...names: readonly string[]): boolean
  /** All values of the first of these options that is given, or undefined. */
  values(...names: readonly string[]): readonly Word[] | undefined
}

/** How a tool's options are read, by names without dashes. */
export interface OptionTable {
  /** Global options with one value, which may also stand before the command. */
  readonly globals: ReadonlySet<string>
  /** Letters with the option that they stand for. */
  readonly letters?: Readonly<Record<string, string>>
  /** At most so many words are the command. */
  readonly depth: number
}

/** Reads `--ids a b --no-wait`: what follows an option is its values, up to the next option. */
export function optionsOf(args: readonly Word[], { globals, letters = {}, depth }: OptionTable): Options {
  const path: Word[] = []
  const given = new Map<string, Word[]>()
  let current: { values: Word[]; isGlobal: boolean } | undefined
  for (const word of args) {
    const text = word.text ?? word.start ?? ''
    if (text.length < 2 || !text.startsWith('-') || /^-\d/.test(text)) {
      if (current && (!current.isGlobal || current.values.length === 0)) current.values.push(word)
      else if (path.length < depth && (!current || current.isGlobal)) path.push(word)
      continue
    }
    const { name, value } = optionIn(word, text, letters)
    const values = given.get(name) ?? []
    given.set(name, values)
    if (value) values.push(value)
    // A switch before the command has no value: `aws --debug ec2 …`.
    const isGlobal = globals.has(name)
    current =
      isGlobal && value === undefined
        ? { values: [], isGlobal }
        : path.length < depth && !isGlobal && path.length === 0
          ? undefined
          : { values, isGlobal }
  }
  const named = (name: string) => given.get(name) ?? beginning(given, name)
  return {
    path,
    has: (...names) => names.some(name => given.has(name)),
    values: (...names) => names.map(named).find(values => values !== undefined),
  }
}

/** `--name`, `--name=web`, `-n`, `-nweb`. */
function optionIn(word: Word, text: string, letters: Readonly<Record<string, string>>) {
  const { from, to, raw } = word
  const part = (at: number): Word => ({ text: word.text?.slice(at), from, to, raw })
  if (!text.startsWith('--')) {
    const letter = text[1] as string
    const name = Object.hasOwn(letters, letter) ? (letters[letter] as string) : letter
    const at = text[2] === '=' ? 3 : 2
    return { name, value: text.length > at || word.text === undefined ? part(at) : undefined }
  }
  const equals = text.indexOf('=')
  if (equals < 0) return { name: text.slice(2), value: word.text === undefined ? part(0) : undefined }
  return { name: text.slice(2, equals), value: part(equals + 1) }
}

/** These tools accept the beginning of an option's name. Five characters, so that `--name` isn't `--n`. */
function beginning(given: ReadonlyMap<string, Word[]>, name: string): Word[] | undefined {
  for (const [short, values] of given) if (short.length >= 5 && name.startsWith(short)) return values
  return undefined
}

/** More targets of one command are one unknown target. */
const TARGETS_MAX = 64

/** An effect for each named target; one with an unknown target if there is none, or if a name isn't known. */
export function changesOf(
  call: Call,
  verb: readonly Word[],
  names: readonly Word[] | undefined,
  label: (name: string) => string | undefined,
): readonly Found[] {
  const told = verb.map(word => word.text).join(' ')
  const made = (of: string | undefined, word?: Word): Found => ({
    label: of,
    verb: told,
    effect: 'changes',
    target: of ? 'exact' : 'unknown',
    words: span(call.word, ...verb, word),
  })
  if (!names?.length || names.length > TARGETS_MAX) return [made(undefined)]
  return names.map(word => made(word.text === undefined ? undefined : label(word.text), word))
}

/** An effect that isn't known. Of a word that can't be a command's name nothing is told. */
export function unknownOf(call: Call, verb: readonly Word[]): readonly Found[] {
  const words = span(call.word, ...verb)
  const known = verb.map(word => word.text ?? '').filter(text => /^[a-z][a-z0-9-]{0,60}$/.test(text))
  return [{ label: undefined, verb: known.join(' '), effect: 'unknown', target: 'unknown', words }]
}

/** The last part of an address: `projects/p/zones/z/instances/web-1` → `web-1`, an ARN's last part. */
export function lastPart(address: string): string | undefined {
  return address.split(/[/:]/).at(-1) || undefined
}
