import type { Assignment, Command } from 'unbash'
import { span } from '../tools/support/flags.ts'
import type { Word } from '../tools/tool.ts'
import { assigned, EXPAND, expandValue, expandWord, expandWords } from './expand.ts'
import { redirected } from './output.ts'
import type { Place, State, Value } from './state.ts'

/** Builtins whose arguments are assignments. */
const DECLARATIONS = new Set(['export', 'declare', 'typeset', 'local', 'readonly'])

/** Runs a simple command: assignments, words and redirections. */
export function runSimple(node: Command, state: State) {
  const prefix = node.prefix.filter(each => each.type === 'Assignment')
  if (!node.name) {
    for (const each of prefix) state.set(each.name, assigned(each, state))
    openOutputs(node, state)
    redirected(node.redirects, state, state.stdin, EXPAND)
    return
  }
  const names = expandWord(node.name, state)
  const [name] = names
  if (name?.text !== undefined && DECLARATIONS.has(name.text)) return declare(node, name.text, state)
  const args = expandWords(node.args, state)
  openOutputs(node, state)
  const stdin = state.stdin
  state.stdin = redirected(node.redirects, state, stdin, EXPAND)
  withAssignments(prefix, state, () => state.session.runWords([...names, ...args], state))
  state.stdin = stdin
}

/** Runs with the assignments in front of a command, which are over after it. */
function withAssignments(prefix: readonly Assignment[], state: State, run: () => void) {
  if (prefix.length === 0) return run()
  const before = prefix.map(({ name }) => ({
    name,
    isSet: state.vars.has(name),
    value: state.vars.get(name),
    isExported: state.exported.has(name),
  }))
  for (const each of prefix) {
    const value = assigned(each, state)
    state.vars.set(each.name, value)
    state.exported.add(each.name)
  }
  run()
  for (const { name, isSet, value, isExported } of before.toReversed()) {
    if (isSet) state.vars.set(name, value)
    else state.vars.delete(name)
    if (!isExported) state.exported.delete(name)
  }
}

/** Files that are written to are no effect, but their names may contain substitutions. */
function openOutputs(node: Command, state: State) {
  for (const each of node.redirects)
    if (each.type === 'Redirect' && each.operator !== '<' && each.target) expandValue(each.target, state)
}

/** `export A=b`, `declare -a nodes=(a b)`. */
function declare(node: Command, builtin: string, state: State) {
  let isExport = builtin === 'export'
  const set = (name: string, value: Value) => {
    state.set(name, value)
    if (isExport) state.exported.add(name)
  }
  for (const arg of node.args) {
    if (arg.type === 'Assignment') {
      set(arg.name, assigned(arg, state))
      continue
    }
    for (const { text, start } of expandWord(arg, state)) {
      if (text?.startsWith('-')) isExport ||= text.includes('x')
      else if (text === undefined) {
        const name = /^\w+(?==)/.exec(start ?? '')?.[0]
        if (name) set(name, undefined)
      } else if (text.includes('=')) set(text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1))
      else if (isExport && state.vars.has(text)) state.exported.add(text)
    }
  }
  openOutputs(node, state)
}

/** Where a text stands in the line: inside of one of the words that carry it if it is written there as it is. */
export function locate(text: string, words: readonly Word[], state: State): Place {
  if (state.at) return { at: state.at, shift: 0 }
  for (const { raw, from } of words) {
    if (raw === text) return { at: undefined, shift: from }
    if (/^['"]/.test(raw) && raw.length === text.length + 2 && raw.startsWith(text, 1))
      return { at: undefined, shift: from + 1 }
  }
  return { at: span(...words), shift: 0 }
}

/** The words of the line that a command's effects point to as a whole. */
export function placeOf(words: readonly Word[], state: State): readonly [number, number] {
  return state.at ?? span(...words)
}
