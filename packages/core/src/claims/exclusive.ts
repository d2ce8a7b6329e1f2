import { eventsOfAcquisition } from '../domain/history.ts'
import type { Outcome } from '../domain/refusal.ts'
import { parseExclusiveTtl, parseLeaseTtl } from '../domain/ttl.ts'
import { type Acquired, acquire } from './acquire.ts'
import { type CallContext, type OwnInput, ownClaimIn } from './context.ts'
import { type Polled, type PollOptions, poll } from './poll.ts'

export interface ExclusiveInput extends OwnInput {
  /** Take the label even if others hold shared claims on it. @default false */
  readonly overShared?: boolean
  /** Identifies the claim over several attempts: unique across all processes. */
  readonly writeKey?: string
}

export interface PollInput extends OwnInput, PollOptions {
  readonly overShared?: boolean
  /** Whether the session may be given the claim that it already holds. */
  readonly reentrant: boolean
}

/** The call `claim-exclusively`: returns the claim that the session already holds. */
export function claimExclusivelyCall(
  context: CallContext,
  input: ExclusiveInput,
): Promise<Outcome<Acquired>> {
  return acquired(context, input, true)
}

/** The call `acquire`: refused if the session already holds the label, as if another session did. */
export function acquireCall(context: CallContext, input: ExclusiveInput): Promise<Outcome<Acquired>> {
  return acquired(context, input, false)
}

async function acquired(
  context: CallContext,
  { overShared = false, writeKey, ...input }: ExclusiveInput,
  reentrant: boolean,
): Promise<Outcome<Acquired>> {
  const own = ownClaimIn(context, input, reentrant ? parseExclusiveTtl : parseLeaseTtl)
  if (!own.ok) return own
  const how = { overShared, reentrant, ...(writeKey === undefined ? {} : { writeKey }) }
  const taken = await acquire(context.store, own.value, how, context.deadline())
  if (taken.ok) context.recorder.afterAnswer(eventsOfAcquisition(taken))
  return taken
}

/** The call `poll`: checks whether it is this waiter's turn, and takes the label if so. */
export async function pollCall(
  context: CallContext,
  { overShared = false, reentrant, writeKey, waiter, keepAlive, ...input }: PollInput,
): Promise<Outcome<Polled>> {
  const own = ownClaimIn(context, input, reentrant ? parseExclusiveTtl : parseLeaseTtl)
  if (!own.ok) return own
  const how = { overShared, reentrant, writeKey, waiter, keepAlive }
  const looked = await poll(context.store, own.value, how, context.deadline())
  if (looked.acquired) context.recorder.afterAnswer(eventsOfAcquisition(looked.acquired))
  return { ok: true, ...looked }
}
