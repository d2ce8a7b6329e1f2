import { parseFlags } from '../tools/support/flags.ts'
import type { Word } from '../tools/tool.ts'
import type { State } from '../walk/state.ts'
import { followLine } from './follow.ts'
import { replaced } from './xargs.ts'

const MAX_ITEMS = 64

const FLAGS = {
  values: [
    '-j --jobs',
    '-a --arg-file',
    '-S --sshlogin',
    '-N --max-replace-args',
    '-n --max-args',
    '-I',
    '-d --delimiter',
    '-C --colsep',
    '--delay',
    '--timeout',
    '--joblog',
    '--retries',
    '--results',
    '--tagstring',
    '--halt',
    '--workdir',
    '--load',
    '--memfree',
  ],
  stopsAtWord: true,
}

/** `parallel kubectl drain ::: a b`, `… | parallel kubectl drain {}`. */
export function runParallel(args: readonly Word[], state: State) {
  const flags = parseFlags(args, FLAGS)
  const all = flags.rest ?? flags.words
  const colons = all.findIndex(word => /^:::/.test(word.text ?? ''))
  const words = colons < 0 ? all : all.slice(0, colons)
  if (words.length === 0) return
  const mark = flags.value('I')?.text ?? '{}'
  const isRemote = flags.has('S', 'sshlogin')
  const hasMark = words.some(word => (word.text ?? word.template ?? '').includes(mark))
  for (const item of itemsOf(all, colons, state)) {
    const made = words.map(word => replaced(replaced(word, mark, item), '{.}', undefined))
    const last = { ...(words[0] as Word), text: item, raw: item ?? '' }
    followLine(hasMark ? made : [...made, last], state, { stdin: undefined, isRemote })
  }
}

/** The items after `:::`, or of standard input. One unknown item if they aren't known. */
function itemsOf(all: readonly Word[], colons: number, state: State): readonly (string | undefined)[] {
  const lists = colons < 0 ? [] : all.slice(colons + 1)
  const isOneList =
    colons >= 0 && all[colons]?.text === ':::' && !lists.some(word => /^:::/.test(word.text ?? ''))
  const items = isOneList
    ? lists.map(word => word.text)
    : colons < 0
      ? state
          .stdin?.()
          ?.split('\n')
          .filter(line => line.trim() !== '')
      : undefined
  return items && items.length <= MAX_ITEMS ? items : [undefined]
}
