import { parseNewLabel } from '../domain/label.ts'
import type { InvalidInput, Refused } from '../domain/refusal.ts'
import type { Board } from './board.ts'

/**
 * The refusal of a new label with a blank inside, for labels that a person or an agent typed. A label that is on the
 * board already, for example from another client, may be claimed and stolen as it is. If the board doesn't answer, a
 * label with a blank counts as new.
 */
export async function refusalOfNew(
  board: Board,
  labels: readonly string[],
): Promise<Refused<InvalidInput> | undefined> {
  for (const label of labels) {
    const parsed = parseNewLabel(label)
    if (parsed.ok) continue
    const there = await board.peek(label).catch(() => undefined)
    if (!there?.ok || there.claims.length + there.lapsed.length === 0) return parsed
  }
  return undefined
}
