import { lineOf } from '../tools/support/line.ts'
import type { Word } from '../tools/tool.ts'
import { locate } from './command.ts'
import { runFile } from './script-file.ts'
import { isTooMany, MAX_DEPTH, type State } from './state.ts'

type Builtin = (args: readonly Word[], state: State, word: Word) => void

/** Builtins that change what the shell knows, or that run a text. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['cd', changeFolder],
  ['pushd', changeFolder],
  ['popd', forgetFolder],
  ['unset', (args, state) => args.forEach(({ text }) => void (text && unset(text, state)))],
  [
    'read',
    (args, state) =>
      args.forEach(({ text }) => void (text && /^\w+$/.test(text) && state.set(text, undefined))),
  ],
  ['mapfile', readArray],
  ['readarray', readArray],
  ['getopts', (args, state) => void (args[1]?.text && state.set(args[1].text, undefined))],
  ['set', setArguments],
  ['shift', shiftArguments],
  ['eval', (args, state) => runHere(lineOf(args), args, state)],
  ['source', (args, state, word) => runFile({ word, args, state, isSourced: true })],
  ['.', (args, state, word) => runFile({ word, args, state, isSourced: true })],
  ['trap', (args, state) => runHere(args[0]?.text ?? '', args, state.fork())],
])

/** Runs a text in this same shell. */
function runHere(text: string, words: readonly Word[], state: State) {
  if (words.length === 0) return
  const { at, shift, depth } = state
  if (depth >= MAX_DEPTH) {
    state.session.ranOut = true
    return
  }
  Object.assign(state, locate(text, words, state))
  state.depth++
  state.session.runLine(text, state)
  Object.assign(state, { at, shift })
  state.depth = depth
}

function forgetFolder(_: readonly Word[], state: State) {
  state.cwd = undefined
}

function changeFolder(args: readonly Word[], state: State) {
  const [to] = args.filter(({ text }) => text === undefined || !/^(?:--|-[LPen@]+)$/.test(text))
  if (!to) state.cwd = args.length ? state.cwd : state.home
  else if (to.text === undefined || to.text === '-' || /^[+-]\d+$/.test(to.text)) state.cwd = undefined
  else state.cwd = state.resolve(to.text)
}

function unset(name: string, state: State) {
  if (name.startsWith('-')) return
  state.vars.set(name, undefined)
  state.exported.add(name)
  state.functions.delete(name)
}

function readArray(args: readonly Word[], state: State) {
  const name = args.at(-1)?.text
  if (!name || !/^\w+$/.test(name)) return
  const isTrimmed = args.some(({ text }) => text === '-t')
  const lines = isTrimmed ? state.stdin?.()?.replace(/\n$/, '').split('\n') : undefined
  state.set(name, lines && lines.length <= 64 ? lines : undefined)
}

/** `set -- a b` */
function setArguments(args: readonly Word[], state: State) {
  const at = args.findIndex(({ text }) => text === '--')
  const [program] = state.args ?? []
  const operands = args.slice(at + 1)
  if (at < 0) return
  const isHuge = isTooMany(operands.map(({ text }) => text))
  state.args = isHuge ? undefined : [program ?? { text: undefined, from: 0, to: 0, raw: '' }, ...operands]
}

function shiftArguments(args: readonly Word[], state: State) {
  const count = Number(args[0]?.text ?? 1)
  const [program, ...rest] = state.args ?? []
  if (program) state.args = Number.isInteger(count) ? [program, ...rest.slice(count)] : undefined
}
