import type { Deadline } from '../deadline.ts'
import { parseLabel } from '../domain/label.ts'
import { parsePurpose } from '../domain/purpose.ts'
import { accept, type Checked } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import { parseToken } from '../domain/token.ts'
import { parseTtl } from '../domain/ttl.ts'
import type { OwnClaim } from '../store/port/locks.ts'
import type { KeyedCall } from '../store/port/once.ts'
import type { Store } from '../store/port/store.ts'
import type { Pruner } from '../store/pruner.ts'
import type { Recorder } from '../store/recorder.ts'

/**
 * The context of a call on a store: the store, the calling session, and the work that runs after the answer.
 */
export interface CallContext {
  readonly store: Store
  readonly session: Session
  /** The kinds of label that are valid for this session. */
  readonly kinds: readonly string[]
  /** Starts the time of the call. Call it once, after the call has loaded and validated what it needs. */
  readonly deadline: () => Deadline
  readonly recorder: Recorder
  readonly pruner: Pruner
  /** Set if the call has an idempotency key and its row in the table stores answers. */
  readonly once?: KeyedCall
  /** Set on a server. */
  readonly server?: {
    /** The version of presence on the server. */
    readonly version: string
    /** The address of its board, without user or password. */
    readonly board: string
  }
}

export type Nothing = Readonly<Record<never, never>>

export interface OnLabel {
  /** `kind:name`. */
  readonly label: string
}

export interface OnToken extends OnLabel {
  /** A fencing token of the label. */
  readonly token: number
}

/** The fields of a claim. */
export interface OwnInput extends OnLabel {
  readonly purpose: string
  readonly ttl?: string | number
}

/** Validates what a session wants to put on the board. */
export function ownClaimIn(
  { session, kinds }: Pick<CallContext, 'session' | 'kinds'>,
  input: OwnInput,
  parse = parseTtl,
): Checked<OwnClaim> {
  const label = parseLabel(input.label, kinds)
  if (!label.ok) return label
  const purpose = parsePurpose(input.purpose)
  if (!purpose.ok) return purpose
  const ttl = parse(input.ttl)
  if (!ttl.ok) return ttl
  return accept({ session, label: label.value.text, purpose: purpose.value, ttlSeconds: ttl.value })
}

/** Returns the label's text if both the label and the token are valid. */
export function labelOfToken({ kinds }: Pick<CallContext, 'kinds'>, input: OnToken): Checked<string> {
  const label = parseLabel(input.label, kinds)
  if (!label.ok) return label
  const token = parseToken(input.token)
  return token.ok ? accept(label.value.text) : token
}
