import type { Word } from '../tools/tool.ts'
import { UNKNOWN_MARK } from '../unknown.ts'
import { locate } from './command.ts'
import { runFile } from './script-file.ts'
import { MAX_DEPTH, type State } from './state.ts'

/** Programs that run a text as commands. */
export const SHELLS: ReadonlySet<string> = new Set([
  'bash',
  'sh',
  'zsh',
  'dash',
  'ash',
  'ksh',
  'fish',
  'rbash',
])

/** Options that take the next word. */
const WITH_VALUE = new Set(['--rcfile', '--init-file', '-o', '+o', '-O', '+O', '--init-command', '-C'])

/** `bash -c '…'`, `bash deploy.sh`, `bash -s <<EOF`, `… | sh`. */
export function runShell(word: Word, args: readonly Word[], state: State) {
  let isLine = false
  let isInput = false
  let at = 0
  for (; at < args.length; at++) {
    const text = args[at]?.text
    if (text === undefined || !/^[-+]./.test(text)) break
    if (text === '--') {
      at++
      break
    }
    if (text === '-n') return
    if (text.startsWith('--')) isLine ||= text === '--command'
    else {
      isLine ||= text.includes('c') && text.startsWith('-')
      isInput ||= text.includes('s') && text.startsWith('-')
    }
    if (WITH_VALUE.has(text) || (/^-\w*o$/.test(text) && !text.startsWith('--'))) at++
  }
  const operands = args.slice(at)
  const [first, ...rest] = operands
  if (isLine) {
    if (first)
      runText(first.text ?? first.template ?? UNKNOWN_MARK, [first], rest.length ? rest : [word], state)
    return
  }
  if (first && !isInput && first.text !== '-') return runFile({ word, args: operands, state })
  const text = state.stdin?.()
  if (text === undefined) return
  const inner = state.child()
  // The shell has read its own input: its commands get none.
  inner.stdin = undefined
  runText(text, [word, ...args], [word, ...operands], inner)
}

function runText(text: string, place: readonly Word[], args: readonly Word[], state: State) {
  if (state.depth >= MAX_DEPTH) {
    state.session.ranOut = true
    return
  }
  const inner = state.child()
  Object.assign(inner, locate(text, place, state))
  inner.args = args
  inner.depth++
  state.session.runLine(text, inner)
}
