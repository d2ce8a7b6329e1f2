import { type Board, KINDS, type Outcome, parseLabel, type Refused } from '@presence/core'
import { labelCompleter, refusalOfNew } from '@presence/core/internal'
import type { Io } from './io.ts'

/**
 * The labels in the form that the board stores, completed with the config's default scope and namespace, each once, in
 * the order given.
 */
export function wholeLabels(
  typed: readonly string[],
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
): readonly string[] {
  if (typed.length === 0) return []
  const complete = labelCompleter(cwd, env)
  return distinct(typed.map(label => complete(label.normalize('NFC'))))
}

/** The labels in the form that the board stores, each once, in the order given. */
export function distinct(labels: readonly string[]): readonly string[] {
  return [...new Set(labels.map(label => label.normalize('NFC')))]
}

/** {@link wholeLabels} of one label. */
export function wholeLabel(typed: string, io: Pick<Io, 'cwd' | 'env'>): string {
  return wholeLabels([typed], io)[0] ?? typed
}

/**
 * Asks about a label, and if nothing is found there, about the label as it was typed: a claim from before the config had
 * a default scope, or of a guarded command whose scope isn't known, is on that one.
 */
export async function askEither<Said extends object>(
  label: string,
  typed: readonly string[],
  io: Pick<Io, 'cwd' | 'env'>,
  ask: (label: string) => Promise<Outcome<Said>>,
  isFound: (said: Outcome<Said>) => boolean,
): Promise<Outcome<Said>> {
  const said = await ask(label)
  if (isFound(said)) return said
  const other = typed.find(each => each !== label && wholeLabel(each, io) === label)
  if (other === undefined) return said
  const second = await ask(other)
  return isFound(second) ? second : said
}

/**
 * The refusal of the first label that can't be one. Any well-formed kind is accepted, because a board may know more
 * kinds than `KINDS`; the board refuses an unknown kind.
 */
export function refusedLabel(labels: readonly string[]): Refused | undefined {
  for (const text of labels) {
    const kind = /^[a-z][a-z0-9-]{0,31}(?=:)/.exec(text)?.[0]
    const label = parseLabel(text, kind === undefined ? KINDS : [...new Set([...KINDS, kind])])
    if (!label.ok) return label
  }
  return undefined
}

/**
 * The refusal of the first label that can't be claimed on this board, because of a blank in it or its kind: asked
 * before the first of several is claimed. A single label's kind is left to its claim.
 */
export async function refusalOfClaims(board: Board, labels: readonly string[]): Promise<Refused | undefined> {
  const blank = await refusalOfNew(board, labels)
  if (blank || labels.length < 2) return blank
  for (const label of labels.filter(each => !parseLabel(each).ok)) {
    // Only the board knows the project's own kinds. If it doesn't answer, neither does it to the claims.
    const said = await board.peek(label).catch(() => undefined)
    if (said && !said.ok) return said
  }
  return undefined
}
