import { type Dialect, judge, scanSql } from '../../sql/index.ts'
import { hostLabel, labelOf, span } from '../support/index.ts'
import type { Call, Found, Word } from '../tool.ts'

/** Where a database client's statements go. */
export interface Place {
  readonly database: string | undefined
  readonly host: string | undefined
}

/** A script that a client runs. */
export interface Script {
  readonly call: Call
  readonly dialect: Dialect
  readonly text: string
  /** The words that give it. */
  readonly at: readonly (Word | undefined)[]
  /** True for a file: other files aren't read from there. */
  readonly isFile?: boolean
}

/** What a command of the client does: where later statements go, and what it changes itself. */
export interface Done {
  readonly place?: Place
  readonly found?: readonly Found[]
}

type Client = (name: string, rest: string, place: Place, script: Script) => Done

/** The effects of a script's statements and commands, in order. */
export function scriptEffects(script: Script, place: Place, client: Client): readonly Found[] {
  const { call, dialect, text, at } = script
  let now = place
  const found: Found[] = []
  for (const part of scanSql(text, dialect, () => call.budget.isOver())) {
    if (part.kind === 'command') {
      const done = client(part.name, part.rest, now, script)
      now = done.place ?? now
      found.push(...(done.found ?? []))
      continue
    }
    const said = judge(part, dialect)
    if (said.effect === 'reads') continue
    if (said.isServer) found.push(onServer(call, now.host, said.verb, at))
    else {
      const database = Object.hasOwn(said, 'database') ? said.database : now.database
      found.push(onDatabase(call, { ...now, database }, said.verb, said.effect, at))
    }
  }
  return found
}

/** An effect on a database. */
export function onDatabase(
  call: Call,
  { database, host }: Place,
  verb: string,
  effect: Found['effect'],
  at: readonly (Word | undefined)[],
): Found {
  const label = effect === 'changes' ? labelOf('db', database, host) : undefined
  return { label, verb, effect, target: label ? 'exact' : 'unknown', words: span(call.word, ...at) }
}

/** An effect on all databases of a server: they are parts of its machine. */
export function onServer(
  call: Call,
  host: string | undefined,
  verb: string,
  at: readonly (Word | undefined)[],
): Found {
  const label = hostLabel(host)
  return {
    label,
    verb,
    effect: 'changes',
    target: label ? 'all' : 'unknown',
    words: span(call.word, ...at),
  }
}

/** A session in which a person or another program types what isn't known. */
export function session(call: Call): Found {
  return { label: undefined, verb: 'session', effect: 'unknown', target: 'unknown', words: span(call.word) }
}

/** The effects of a command line that a client gives to a shell. */
export function shell({ call, at }: Script, line: string): readonly Found[] {
  return call.inner(line, { at: [call.word.from, at.at(-1)?.to ?? call.word.to], stdin: undefined })
}
