import { ancestorsOf } from '../domain/ancestors.ts'
import { type Claim, isExclusive, isLive, type Snapshot } from '../domain/claim.ts'
import { type Command, eventIdOf, type Target } from '../domain/command.ts'
import type { Guarded, GuardedTarget, GuardRefusal } from '../domain/guarded.ts'
import { nearTo } from '../domain/near.ts'
import { relation } from '../domain/relation.ts'
import { othersOn } from '../domain/session-view.ts'
import type { GuardedCommand } from '../store/port/commands.ts'
import { lapsedOn } from './acquire.ts'

/** What this session has on each label after the write, and whether another session holds it exclusively. */
export interface Held {
  readonly mine: Claim
  readonly exclusive: Claim | undefined
}

/** The decision on one label, with what only the call itself needs. */
export interface JudgedTarget extends Omit<GuardedTarget, 'isFirst'> {
  readonly kind: string
  /** This session's claim on the label after the write. */
  readonly mine: Claim
}

export interface Judged {
  readonly decision: Guarded['decision']
  readonly targets: readonly JudgedTarget[]
}

/** Decides on a command from what was read after its claims were written. */
export function judge(
  { callId, targets }: Command,
  snapshot: Snapshot,
  sessionId: string,
  held: ReadonlyMap<string, Held>,
): Judged {
  const judged = targets.map(target => {
    const on = held.get(target.label)
    if (!on) throw new TypeError(`nothing was read about ${target.label}`)
    return judgeTarget(target, on, snapshot, sessionId, eventIdOf(sessionId, callId, target.label))
  })
  return { decision: judged.some(({ refused }) => refused) ? 'refused' : 'through', targets: judged }
}

function judgeTarget(
  { label, kind, mode, told }: Target,
  { mine, exclusive }: Held,
  snapshot: Snapshot,
  sessionId: string,
  event: string,
): JudgedTarget {
  const others = othersOn(snapshot, label, sessionId)
  const { overlaps, maybeSame } = nearTo(snapshot, label, sessionId)
  const keys = [...others, ...overlaps.map(({ claim }) => claim)].map(keyOf)
  const own = isExclusive(mine) || !mine.automatic ? 'by-hand' : 'auto'
  const wasTold = keys.every(key => told.includes(key))
  const refused = refusalOf(mode, {
    exclusive: exclusive !== undefined,
    isCovered: own === 'by-hand' || isCovered(label, snapshot, sessionId),
    isAlone: keys.length === 0,
    wasTold,
  })
  return {
    label,
    kind,
    mode,
    own,
    others,
    overlaps,
    maybeSame,
    lapsed: lapsedOn(snapshot, label, sessionId),
    refused,
    keys,
    proceeded: refused === undefined && keys.length > 0 && mode !== 'note' && wasTold,
    event,
    mine,
  }
}

/**
 * Whether the session claimed by hand something that the label is part of, or that may be the same: the guard may know
 * no scope where a person wrote one, so that nobody could claim the very label.
 */
function isCovered(label: string, { claims, asOf }: Snapshot, sessionId: string): boolean {
  const wholes = new Set(ancestorsOf(label).map(each => each.label))
  return claims.some(
    claim =>
      claim.session.id === sessionId &&
      claim.ended === undefined &&
      isLive(claim, asOf) &&
      (isExclusive(claim) || !claim.automatic) &&
      (wholes.has(claim.label) || relation(label, claim.label).is === 'maybeSame'),
  )
}

function refusalOf(
  mode: Target['mode'],
  on: {
    readonly exclusive: boolean
    /** Whether this session has claimed by hand what the command changes. */
    readonly isCovered: boolean
    readonly isAlone: boolean
    readonly wasTold: boolean
  },
): GuardRefusal | undefined {
  if (on.exclusive) return 'exclusive'
  if (mode === 'note') return undefined
  if (mode === 'require' && !on.isCovered) return 'required'
  if (on.isAlone) return undefined
  if (mode === 'deny') return 'denied'
  return on.wasTold ? undefined : 'paused'
}

/** A heartbeat doesn't change it, but a claim that was made again has another one. */
function keyOf({ session, label, claimedAt }: Claim): string {
  return `${session.id}/${label}/${claimedAt.getTime()}`
}

/** What is stored of the decision. */
export function resultOf({ decision, targets }: Judged): readonly GuardedCommand[] {
  return targets.map(({ event, label, kind, mode, refused, proceeded, own, keys }) => ({
    event,
    label,
    kind,
    mode,
    decision,
    reason: refused,
    proceeded: decision === 'through' && proceeded,
    own,
    collided: keys.length > 0 || refused === 'exclusive',
  }))
}
