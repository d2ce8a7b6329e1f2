import type { Compliance, ComplianceRow } from '../domain/guarded.ts'
import { isoWeek } from '../domain/iso-week.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Tally } from '../store/port/commands.ts'
import type { CallContext } from './context.ts'

export interface ComplianceInput {
  /** Not `since`, which is a duration in other calls. */
  readonly commandsSince: Date
}

/** What the guard did, per kind of label and ISO week. */
export async function complianceCall(
  { store, deadline: start, recorder }: CallContext,
  { commandsSince }: ComplianceInput,
): Promise<Outcome<Compliance>> {
  const commands = await store.commands()
  const deadline = start()
  await recorder.caughtUp()
  const { tallies, asOf } = await commands.tally(commandsSince, deadline)
  const groups = Map.groupBy(tallies, ({ kind, day }) => `${isoWeek(day)} ${kind}`)
  const rows = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => rowOf(group))
  return { ok: true, asOf, rows }
}

function rowOf(group: readonly Tally[]): ComplianceRow {
  const sum = (count: (tally: Tally) => number) => group.reduce((total, each) => total + count(each), 0)
  const changed = sum(each => each.changed)
  const byHand = sum(each => each.byHand)
  const automatic = sum(each => each.automatic)
  const paused = sum(each => each.paused)
  return {
    kind: group[0]?.kind ?? '',
    week: isoWeek(group[0]?.day ?? new Date(0)),
    changed,
    byHand,
    automatic,
    collided: sum(each => each.collided),
    paused,
    heeded: paused - sum(each => each.passed),
    proceeded: sum(each => each.proceeded),
    refused: sum(each => each.refused),
    reportedWrong: sum(each => each.wrong),
  }
}
