import { type Board, KINDS, parseLabel, type Refused } from '@presence/core'
import { refusalOfNew } from '@presence/core/internal'

/** The labels in the form that the board stores, each once, in the order given. */
export function distinct(labels: readonly string[]): readonly string[] {
  return [...new Set(labels.map(label => label.normalize('NFC')))]
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
