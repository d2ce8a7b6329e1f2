import { aliased, ruled } from '../rules.ts'
import { toolNamed } from '../tools/index.ts'
import type { Found, Tool, Word } from '../tools/tool.ts'
import { runWrapper } from '../wrappers/index.ts'
import { runMake } from '../wrappers/make.ts'
import { BUILTINS } from './builtins.ts'
import { callOf } from './call.ts'
import { placeOf } from './command.ts'
import { runFile } from './script-file.ts'
import { runShell, SHELLS } from './shells.ts'
import { isOver, MAX_DEPTH, type State } from './state.ts'

/** Runs a command that is given as expanded words: finds out who knows it. */
export function runWords(given: readonly Word[], state: State) {
  const { session } = state
  session.steps++
  if (state.isDry || isOver(session)) return
  const [first] = given
  if (first?.text === undefined) return runAfterUnknown(given, state)
  const { config } = session.context
  const found = config && ruled(given, state, config)
  if (found) return void state.out.push(...found)
  const isAlias = config?.aliases !== undefined && Object.hasOwn(config.aliases, first.text)
  const words = isAlias ? aliased(given, config) : given
  const [word, ...args] = words
  if (word?.text === undefined) return
  if (!isKnown(word, args, state) && isAlias) state.out.push(unknownFound(word.text, given, state))
}

/** Runs the command if something knows its program. */
function isKnown(word: Word, args: readonly Word[], state: State): boolean {
  const text = word.text ?? ''
  if (runFunction(text, word, args, state)) return true
  const builtin = BUILTINS.get(text)
  if (builtin) {
    builtin(args, state, word)
    return true
  }
  const name = text.slice(text.lastIndexOf('/') + 1)
  if (SHELLS.has(name)) {
    runShell(word, args, state)
    return true
  }
  const tool = toolNamed(name)
  if (tool) {
    runTool(tool, name, [word, ...args], state)
    remember(tool.names[0] ?? name, args, state)
    return true
  }
  remember(name, args, state)
  if (runWrapper(name, word, args, state)) return true
  if (name === 'make' || name === 'gmake') {
    runMake(word, args, state)
    return true
  }
  if (text.includes('/')) runFile({ word, args, state, isProgram: true })
  return false
}

/** Longer lines than this don't change the settings of a tool late. */
const MAX_EARLIER = 100

function remember(name: string, args: readonly Word[], { session, isRemote }: State) {
  if (session.earlier.length < MAX_EARLIER) session.earlier.push({ name, args, isRemote })
}

function runFunction(name: string, word: Word, args: readonly Word[], state: State): boolean {
  const defined = state.functions.get(name)
  if (!defined) return false
  if (state.depth >= MAX_DEPTH) {
    state.session.ranOut = true
    return true
  }
  const { args: before, at, shift, isInFile, depth } = state
  state.args = [word, ...args]
  state.depth++
  // The body's offsets are those of the text that defined it, which may be a sourced file.
  state.at = defined.at
  state.shift = defined.shift
  state.isInFile ||= defined.isInFile
  state.session.runBody(defined.node.body, state)
  Object.assign(state, { args: before, at, shift, isInFile, depth })
  return true
}

function runTool(tool: Tool, name: string, words: readonly [Word, ...Word[]], state: State) {
  const [, ...args] = words
  const end = args.findIndex(arg => arg.text === '--')
  const own = end < 0 ? args : args.slice(0, end)
  if (own.some(arg => arg.text === '--help')) return
  for (const each of effectsOf(tool, name, words, state))
    state.out.push(each.tool === undefined ? { ...each, tool: tool.names[0] } : each)
}

/** A tool that fails on a command says that it is unknown: a fault here must not hide the rest of the line. */
function effectsOf(
  tool: Tool,
  name: string,
  words: readonly [Word, ...Word[]],
  state: State,
): readonly Found[] {
  try {
    return tool.effects(callOf(name, words, state))
  } catch {
    const [from, to] = placeOf(words, state)
    const note = 'this command could not be read'
    return [{ label: undefined, verb: '', effect: 'unknown', target: 'unknown', words: [from, to], note }]
  }
}

/** `$SUDO kubectl …`: what such a variable stands for runs what follows. */
function runAfterUnknown([first, ...rest]: readonly Word[], state: State) {
  if (first && rest.length > 0 && /^\$\{?[A-Z_]*SUDO/i.test(first.raw)) runWords(rest, state)
}

function unknownFound(tool: string, words: readonly Word[], state: State): Found {
  return {
    label: undefined,
    verb: '',
    effect: 'unknown',
    target: 'unknown',
    words: placeOf(words, state),
    tool,
  }
}
