import type { CompoundCommand, CompoundList, Function as FunctionNode, Redirected, Script } from 'unbash'
import type { Budget } from '../budget.ts'
import type { GuardContext } from '../context.ts'
import type { Earlier, Found, InnerOptions, Word } from '../tools/tool.ts'

/** A variable's value: a text, the texts of an array, or undefined if it isn't known. */
export type Value = string | undefined | readonly (string | undefined)[]

/** What all parts of one analysis share. */
export interface Session {
  readonly context: GuardContext
  readonly budget: Budget
  /** The number of simple commands that were looked at. */
  steps: number
  /** The simple commands that were looked at; only the first ones of a very long line. */
  readonly earlier: Earlier[]
  /** True once something was left out: the time, the depth or the number of commands. */
  ranOut: boolean
  /** Runs a parsed script in a state. */
  runScript(script: Script, state: State): void
  /** Parses and runs a text in a state. */
  runLine(text: string, state: State): void
  /** Runs the body of a function. */
  runBody(body: CompoundCommand | Redirected | CompoundList, state: State): void
  /** Runs a command that is given as expanded words. */
  runWords(words: readonly Word[], state: State): void
}

/** A longer text of a variable or word counts as unknown: variables can double themselves. */
export const MAX_TEXT = 64 * 1024
/** More elements of an array, or arguments of a function, count as unknown. */
const MAX_ELEMENTS = 1000
/** Simple commands of one analysis. A loop in a loop in a loop reaches it. */
const MAX_STEPS = 50_000
/** Commands inside of commands: `bash -c "bash -c …"`, functions that call themselves. */
export const MAX_DEPTH = 24

/** True if the analysis has to stop. */
export function isOver(session: Session): boolean {
  session.ranOut ||= session.steps > MAX_STEPS || session.budget.isOver()
  return session.ranOut
}

/** Where the text that is being read stands in the line. */
export interface Place {
  /** The words of the line that stand for all of the text, if its offsets aren't the line's. */
  readonly at: readonly [number, number] | undefined
  /** The offset of the text in the line, if it stands there as it is. */
  readonly shift: number
}

/** A function that the line defines, with the place of its body. */
export interface Defined extends Place {
  readonly node: FunctionNode
  readonly isInFile: boolean
}

/** What a shell knows at one point of the line. */
export class State {
  readonly session: Session
  /** Where effects go. */
  out: Found[] = []
  /** Variables that the line sets. */
  vars = new Map<string, Value>()
  /** The names of `vars` that programs see. */
  exported = new Set<string>()
  functions = new Map<string, Defined>()
  /** The environment that isn't set by the line. Empty on another machine. */
  base: Readonly<Record<string, string | undefined>>
  /** `$0`, `$1`, …; undefined if they aren't known. */
  args: readonly Word[] | undefined
  cwd: string | undefined
  host: string | undefined
  isRemote = false
  at: Place['at']
  shift = 0
  /** Reads standard input, or undefined if there is none or it isn't known. */
  stdin: (() => string | undefined) | undefined
  depth = 0
  /** True inside of a script or Makefile: another one isn't opened from there. */
  isInFile = false
  /** True while only values are of interest: commands in substitutions were looked at already. */
  isDry = false

  constructor(session: Session) {
    this.session = session
    this.base = session.context.env
    this.cwd = session.context.cwd
    this.host = session.context.host
  }

  /** The state of a program that this shell starts: it sees only what is exported. */
  child(): State {
    const state = this.fork()
    for (const name of [...state.vars.keys()]) if (!state.exported.has(name)) state.vars.delete(name)
    state.functions = new Map()
    state.args = []
    return state
  }

  /** The state of a command inside of another one. */
  within({ host, isRemote, at, cwd, env, ...more }: InnerOptions, place?: Place): State {
    const state = isRemote ? this.elsewhere() : this.child()
    state.depth = this.depth + 1
    if (host !== undefined) state.host = host
    if (at) state.at = at
    if (place) Object.assign(state, place)
    if (cwd !== undefined) state.cwd = cwd ?? undefined
    if (Object.hasOwn(more, 'stdin')) {
      const { stdin } = more
      state.stdin = stdin === undefined ? undefined : () => stdin
    }
    for (const [name, value] of Object.entries(env ?? {})) {
      state.vars.set(name, value)
      state.exported.add(name)
    }
    return state
  }

  /** The state of a shell on another machine or in a container. */
  elsewhere(): State {
    const state = new State(this.session)
    state.out = this.out
    state.base = {}
    state.args = []
    state.cwd = undefined
    state.host = undefined
    state.isRemote = true
    state.at = this.at
    state.shift = this.shift
    state.stdin = this.stdin
    state.isInFile = this.isInFile
    state.isDry = this.isDry
    return state
  }

  /** The state of a subshell: changes to it don't come back. Effects go to the same place. */
  fork(): State {
    const state = new State(this.session)
    Object.assign(state, this)
    state.vars = new Map(this.vars)
    state.exported = new Set(this.exported)
    state.functions = new Map(this.functions)
    return state
  }

  /** Makes unknown what differs between states of which only one came to pass. */
  merge(...others: readonly State[]) {
    for (const other of others) {
      for (const name of new Set([...this.vars.keys(), ...other.vars.keys()]))
        if (!isSame(this.lookup(name), other.lookup(name))) this.vars.set(name, undefined)
      for (const name of other.exported) this.exported.add(name)
      for (const [name, body] of other.functions) this.functions.set(name, body)
      if (other.cwd !== this.cwd) this.cwd = undefined
    }
  }

  set(name: string, value: Value) {
    const isHuge = typeof value === 'string' ? value.length > MAX_TEXT : isTooMany(value ?? [])
    this.vars.set(name, isHuge ? undefined : value)
    if (name === 'PWD') return
    if (this.base[name] !== undefined) this.exported.add(name)
  }

  /** A variable's value. A variable that neither the line nor the environment has isn't known to be empty. */
  lookup(name: string): Value {
    if (this.vars.has(name)) return this.vars.get(name)
    if (name === 'PWD') return this.cwd
    if (name === 'HOSTNAME') return this.host
    if (name === 'HOME' && !this.isRemote) return this.home
    return this.base[name]
  }

  get home(): string | undefined {
    const { home, env } = this.session.context
    const set = this.vars.has('HOME')
      ? this.vars.get('HOME')
      : this.isRemote
        ? undefined
        : (home ?? env['HOME'])
    return typeof set === 'string' ? set : undefined
  }

  /** The environment of a program that starts here. */
  env(): Readonly<Record<string, string | undefined>> {
    if (this.exported.size === 0) return this.base
    const env: Record<string, string | undefined> = { ...this.base }
    for (const name of this.exported) {
      const value = this.vars.get(name)
      env[name] = typeof value === 'string' ? value : undefined
    }
    return env
  }

  /** The variables of the environment that are set to something that isn't known. */
  unknownEnv(): ReadonlySet<string> {
    return new Set(
      [...this.exported].filter(name => this.vars.has(name) && typeof this.vars.get(name) !== 'string'),
    )
  }

  /** An absolute path, or undefined if the folder isn't known. */
  resolve(path: string): string | undefined {
    if (path.startsWith('/')) return normalized(path)
    return this.cwd === undefined ? undefined : normalized(`${this.cwd}/${path}`)
  }

  /** A file's text, if this machine's files count here. */
  read(path: string): string | undefined {
    const full = this.isRemote ? undefined : this.resolve(path)
    return full === undefined ? undefined : this.session.context.readText(full)
  }

  list(path: string): readonly string[] | undefined {
    const full = this.isRemote ? undefined : this.resolve(path)
    return full === undefined ? undefined : this.session.context.listFolder?.(full)
  }
}

/** True if a list has too many elements, or too long ones. */
export function isTooMany(list: readonly (string | undefined)[]): boolean {
  return list.length > MAX_ELEMENTS || list.some(text => (text?.length ?? 0) > MAX_TEXT)
}

const isSame = (one: Value, other: Value) =>
  one === other ||
  (typeof one === 'object' && typeof other === 'object' && one.join('\n') === other.join('\n'))

/** A path without `.`, `..` and doubled slashes. */
export function normalized(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/'))
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  return `/${parts.join('/')}`
}
