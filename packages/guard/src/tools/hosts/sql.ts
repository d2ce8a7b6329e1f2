import { type Statement, statementsIn } from '../../sql/statements.ts'
import { labelOf, span } from '../support/index.ts'
import type { Call, Found, Word } from '../tool.ts'

/** Where a database client's statements go. */
export interface Place {
  readonly database: string | undefined
  readonly host: string | undefined
}

/** Makes one effect of the statements for each database that they change. */
export function sqlEffects(
  call: Call,
  place: Place,
  text: string,
  at: readonly (Word | undefined)[],
): readonly Found[] {
  return effectsOf(call, place, statementsIn(text), at)
}

function effectsOf(
  call: Call,
  place: Place,
  statements: readonly Statement[],
  at: readonly (Word | undefined)[],
): readonly Found[] {
  let { database } = place
  const found: Found[] = []
  for (const { effect, verb, database: own, use } of statements) {
    database = use ?? database
    if (effect !== 'reads')
      found.push(onDatabase(call, { ...place, database: own ?? database }, verb, effect, at))
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

/** A session in which a person or another program types what isn't known. */
export function session(call: Call): Found {
  return { label: undefined, verb: 'session', effect: 'unknown', target: 'unknown', words: span(call.word) }
}
