import type { ArithmeticFor, CompoundList, For, Select, SyntaxNode, While } from 'unbash'
import { forEachChild } from 'unbash'
import { MAX_WORDS } from './braces.ts'
import { expandWords } from './expand.ts'
import { isOver, type State } from './state.ts'

/** Runs the statements of a list. It is passed in, because lists contain loops. */
type RunList = (list: CompoundList, state: State) => void

/** Runs the body once for each word of a list that is known, and else once with an unknown word. */
export function runFor(node: For | Select | ArithmeticFor, state: State, runList: RunList) {
  const name = node.type === 'ArithmeticFor' ? undefined : node.name.value
  const given = node.type === 'ArithmeticFor' ? undefined : node.wordlist
  const words = given ? expandWords(given, state) : state.args?.slice(1)
  const isKnown = node.type === 'For' && words !== undefined && words.length <= MAX_WORDS
  const before = state.fork()
  if (!isKnown) forgetAssigned(node.body, state)
  for (const word of isKnown ? words : [undefined]) {
    if (isOver(state.session)) break
    // A star that is still there stands for files that the guard didn't find.
    const text = word?.text !== undefined && !/[*?]/.test(word.text) ? word.text : undefined
    if (name !== undefined) state.set(name, text)
    runList(node.body, state)
  }
  state.merge(before)
}

/** Runs the body once, or once for each line of a known standard input: `while read -r name; do …; done < file`. */
export function runWhile(node: While, state: State, runList: RunList) {
  const before = state.fork()
  const names = namesRead(node.clause)
  const lines =
    names &&
    state
      .stdin?.()
      ?.split('\n')
      .filter(line => line.trim() !== '')
  if (names && lines && lines.length <= MAX_WORDS)
    for (const line of lines) {
      if (isOver(state.session)) break
      readInto(names, line, state)
      runList(node.body, state)
    }
  else {
    forgetAssigned(node.body, state)
    runList(node.clause, state)
    runList(node.body, state)
  }
  state.merge(before)
}

/** The variables of a condition that is only `read`, with at most `-r`. */
function namesRead(clause: CompoundList): readonly string[] | undefined {
  const [statement, more] = clause.commands
  const command = statement?.command
  if (more || command?.type !== 'Command' || command.name?.value !== 'read') return undefined
  const words = command.args.map(arg => arg.text).filter(text => text !== '-r')
  return words.length > 0 && words.every(word => /^\w+$/.test(word)) ? words : undefined
}

function readInto(names: readonly string[], line: string, state: State) {
  const words = line.trim().split(/\s+/)
  names.forEach((name, at) => {
    const isLast = at === names.length - 1
    state.set(name, isLast ? words.slice(at).join(' ') : (words[at] ?? ''))
  })
}

/** What a body changes has another value in its next round. */
function forgetAssigned(node: SyntaxNode, state: State) {
  if (isOver(state.session)) return
  if (node.type === 'Assignment') state.set(node.name, undefined)
  if (node.type === 'Command') {
    const name = node.name?.value ?? ''
    if (name === 'shift' || name === 'set') state.args = undefined
    if (name === 'cd' || name === 'pushd' || name === 'popd') state.cwd = undefined
  }
  if (node.type === 'Word') return
  forEachChild(node, child => forgetAssigned(child, state))
}
