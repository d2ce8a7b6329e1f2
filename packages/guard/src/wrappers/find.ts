import type { Word } from '../tools/tool.ts'
import type { State } from '../walk/state.ts'
import { followWords } from './follow.ts'
import { replaced } from './xargs.ts'

const RUNS = new Set(['-exec', '-execdir', '-ok', '-okdir'])

/** `find … -exec kubectl apply -f {} \;`: the files are unknown. */
export function runFind(args: readonly Word[], state: State) {
  for (let at = 0; at < args.length; at++) {
    if (!RUNS.has(args[at]?.text ?? '')) continue
    const end = args.findIndex((word, index) => index > at && (word.text === ';' || word.text === '+'))
    const words = args.slice(at + 1, end < 0 ? args.length : end)
    followWords(
      words.map(word => replaced(word, '{}', undefined)),
      state,
      { stdin: undefined },
    )
    at += words.length
  }
}
