import { type Claim, isOverQuietly } from '../domain/claim.ts'
import type { Command } from '../domain/command.ts'
import {
  type Decision,
  eventsOfClaim,
  guardEvent,
  type HistoryEvent,
  releaseEvent,
} from '../domain/history.ts'
import type { Session } from '../domain/session.ts'
import type { Judged, JudgedTarget } from './guard-decision.ts'

/** The events of a guarded command: of its new claims, and of the decision on each label. */
export function eventsOfGuarded(
  { purpose }: Command,
  session: Session,
  { decision, targets }: Judged,
  asOf: Date,
  isNew: (claim: Claim) => boolean,
): readonly HistoryEvent[] {
  const about = (target: JudgedTarget, event: Decision) => {
    const others = [...target.others, ...target.overlaps.map(({ claim }) => claim)]
    return guardEvent(event, { at: asOf, label: target.label, session, purpose }, others, noteOf(target))
  }
  if (decision === 'refused')
    return targets
      .filter(({ refused }) => refused)
      .map(target => about(target, target.refused === 'paused' ? 'paused' : 'refused'))
  return targets.flatMap(target => {
    const { mine, own, others, proceeded } = target
    const claimed = own === 'auto' && isNew(mine) ? claimedEvents(mine, purpose, others) : []
    return [...claimed, ...(proceeded ? [about(target, 'proceeded')] : [])]
  })
}

/** @param mine as it was read after the write: if it replaced an earlier claim, it still has that one's command */
function claimedEvents(mine: Claim, purpose: string, others: readonly Claim[]): readonly HistoryEvent[] {
  const automatic = { command: purpose, outcome: undefined, exitStatus: undefined }
  const claim = { ...mine, purpose, automatic }
  if (!mine.lapsedAt || !isOverQuietly(mine)) return eventsOfClaim({ claim, others })
  const before = releaseEvent(mine, mine.lapsedAt)
  return [before, ...eventsOfClaim({ claim: { ...claim, lapsedAt: undefined }, others })]
}

/** Names the decision, so that it can be marked as wrong. */
function noteOf({ event, mode, refused }: JudgedTarget): string {
  const why = refused ? `${refused}, ` : ''
  return `${why}mode ${mode}, event ${event}`
}
