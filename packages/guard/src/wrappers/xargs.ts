import { parseFlags } from '../tools/support/flags.ts'
import type { Word } from '../tools/tool.ts'
import { UNKNOWN_MARK } from '../unknown.ts'
import { placeOf } from '../walk/command.ts'
import type { State } from '../walk/state.ts'
import { followWords } from './follow.ts'

/** More items than these are unknown. */
const MAX_ITEMS = 64

const FLAGS = {
  values: [
    '-I',
    '-n --max-args',
    '-P --max-procs',
    '-L --max-lines',
    '-s --max-chars',
    '-d --delimiter',
    '-a --arg-file',
    '-E',
  ],
  stopsAtWord: true,
}

/** `… | xargs -n1 kubectl drain`: what comes from standard input is an unknown target if it isn't known. */
export function runXargs(args: readonly Word[], state: State, word: Word) {
  const flags = parseFlags(args, FLAGS)
  const words = flags.rest ?? flags.words
  if (words.length === 0) return
  const mark =
    flags.value('I')?.text ?? (flags.has('i', 'replace') ? (flags.value('replace')?.text ?? '{}') : undefined)
  const isNull = flags.has('0', 'null')
  const separator = isNull
    ? '\0'
    : flags.has('d', 'delimiter')
      ? undefined
      : mark === undefined
        ? /\s+/
        : '\n'
  const input = flags.has('a', 'arg-file') || separator === undefined ? undefined : state.stdin?.()
  const items = input
    ?.split(separator as string)
    .map(item => item.trim())
    .filter(item => item !== '')
  const known = items && items.length <= MAX_ITEMS && !input?.includes(UNKNOWN_MARK) ? items : undefined
  const place = placeOf([word], state)
  if (mark === undefined) {
    const size = Number(flags.value('max-args')?.text ?? flags.value('max-lines')?.text ?? MAX_ITEMS)
    for (const part of known ? chunks(known, size) : [undefined])
      followWords([...words, ...appended(part, place)], state, { stdin: undefined })
    return
  }
  for (const item of known ?? [undefined])
    followWords(
      words.map(each => replaced(each, mark, item)),
      state,
      { stdin: undefined },
    )
}

/** The items of each run of the command: `-n1` runs it once for each. */
function chunks(items: readonly string[], size: number): readonly (readonly string[])[] {
  const step = size >= 1 ? Math.floor(size) : MAX_ITEMS
  const count = Math.max(1, Math.ceil(items.length / step))
  return Array.from({ length: count }, (_, at) => items.slice(at * step, (at + 1) * step))
}

function appended(
  items: readonly string[] | undefined,
  [from, to]: readonly [number, number],
): readonly Word[] {
  if (!items) return [{ text: undefined, start: '', from, to, raw: '' }]
  return items.map(text => ({ text, from, to, raw: text }))
}

/** A word in which a mark such as `{}` stands for an item, which may be unknown. */
export function replaced(word: Word, mark: string, item: string | undefined): Word {
  const text = word.text ?? word.template
  if (!text?.includes(mark) || mark === '') return word
  const made = text.replaceAll(mark, () => item ?? UNKNOWN_MARK)
  if (!made.includes(UNKNOWN_MARK)) return { ...word, text: made }
  return { ...word, text: undefined, start: made.slice(0, made.indexOf(UNKNOWN_MARK)), template: made }
}
