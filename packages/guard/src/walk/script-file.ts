import type { Word } from '../tools/tool.ts'
import { placeOf } from './command.ts'
import type { State } from './state.ts'

/** Longer scripts aren't read. */
const MAX_SCRIPT = 256 * 1024

/** A script that a command names. */
export interface ScriptCall {
  /** The program's name: `bash`, `source`, or the script itself. */
  readonly word: Word
  /** The script, if it isn't the program itself, and its arguments. */
  readonly args: readonly Word[]
  readonly state: State
  /** True if it runs in this same shell. */
  readonly isSourced?: boolean
  /** True if the program's name is the script. */
  readonly isProgram?: boolean
}

/** Reads a script one level deep: a script that it calls isn't opened. */
export function runFile({ word, args, state, isSourced = false, isProgram = false }: ScriptCall) {
  const [file = word, ...rest] = isProgram ? [word, ...args] : args
  if (state.isInFile || state.isRemote || file.text === undefined) return
  const text = state.read(file.text)
  if (text === undefined || text.length > MAX_SCRIPT || !isShell(text)) return
  const inner = isSourced ? state : state.child()
  const before = { at: state.at, shift: state.shift, args: state.args, isInFile: state.isInFile }
  inner.at = placeOf([word, file], state)
  inner.isInFile = true
  if (!isSourced || rest.length > 0) inner.args = [file, ...rest]
  state.session.runLine(text, inner)
  if (isSourced) Object.assign(state, before)
}

/** Scripts of other interpreters and binaries aren't read. */
function isShell(text: string): boolean {
  if (text.includes('\0')) return false
  const first = text.slice(0, Math.max(0, text.indexOf('\n')))
  return !first.startsWith('#!') || /\b(?:ba|da|z|k|a)?sh\b/.test(first)
}
