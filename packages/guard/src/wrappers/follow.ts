import { lineOf } from '../tools/support/line.ts'
import type { InnerOptions, Word } from '../tools/tool.ts'
import { locate } from '../walk/command.ts'
import { MAX_DEPTH, type State } from '../walk/state.ts'

/** Runs words as a command of its own. */
export function followWords(words: readonly Word[], state: State, more: InnerOptions = {}) {
  if (words.length === 0 || isTooDeep(state)) return
  state.session.runWords(words, state.within(more))
}

/** Runs words as one command line, as `watch` and `sh -c` do. */
export function followLine(words: readonly Word[], state: State, more: InnerOptions = {}) {
  if (words.length === 0 || isTooDeep(state)) return
  const line = lineOf(words)
  state.session.runLine(line, state.within(more, locate(line, words, state)))
}

function isTooDeep(state: State): boolean {
  if (state.depth < MAX_DEPTH) return false
  state.session.ranOut = true
  return true
}
