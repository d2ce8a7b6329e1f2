import type {
  ExclusiveOptions,
  ListOptions,
  SharedOptions,
  StatusOptions,
  StealOptions,
  TakeBackOptions,
} from '../board.ts'
import type { Snapshot } from '../domain/claim.ts'
import type { HistoryEvent } from '../domain/history.ts'
import type { QueuedVerb } from '../domain/operation.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { Standing } from '../domain/standing.ts'
import type { Groups } from '../groups/lazy.ts'
import type { OwnOptions } from '../steps.ts'
import type { Acquired } from '../verbs/acquire.ts'
import type { Claimed } from '../verbs/claim.ts'
import type { Listed } from '../verbs/list.ts'
import type { Logged } from '../verbs/log.ts'
import type { Look, LookOptions } from '../verbs/look.ts'
import type { Released } from '../verbs/release.ts'
import type { Replay } from '../verbs/replay.ts'
import type { Resolved } from '../verbs/resolve.ts'
import type { Status } from '../verbs/status.ts'
import type { Stolen } from '../verbs/steal.ts'
import type { Survey } from '../verbs/survey.ts'
import type { Verified } from '../verbs/verify.ts'
import type { Who, WhoOptions } from '../verbs/who.ts'

/** What every call to a server has besides its verb's own input. */
export interface Caller {
  /** The calling session. */
  readonly session: Session
  /** Kinds of label that the project uses besides those that the server knows. */
  readonly labelKinds?: readonly string[]
  /** How long the client waits for the answer, in milliseconds; the server gives up by then too. */
  readonly deadlineMs?: number
}

/** What a server reports about itself. */
export interface About {
  /** The version of presence on the server. */
  readonly version: string
  /** The address of its board, without user or password. */
  readonly board: string
  /** The database's current time. */
  readonly now: Date
}

/** A verb: its input besides the caller, and its answer. */
interface Verb<Input, Answer> {
  readonly input: Input
  readonly answer: Answer
}

type Nothing = Readonly<Record<never, never>>
type OnLabel = { readonly label: string }
type Own = OnLabel & OwnOptions
type Exclusive = Own & Pick<ExclusiveOptions, 'overShared'>
type OnToken = OnLabel & { readonly token: number }

/**
 * The board's calls over HTTP, by their name in `/api/v1/<verb>`. The server's table, its OpenAPI document
 * and the client are all checked against this list.
 */
export interface Verbs extends GroupVerbs {
  about: Verb<Nothing, About>
  claim: Verb<Own & Pick<SharedOptions, 'writeKey'>, Outcome<Claimed>>
  'take-back': Verb<OnLabel & TakeBackOptions, Outcome<{ readonly gone: boolean }>>
  'claim-exclusively': Verb<Exclusive & Partial<Pick<LookOptions, 'nonce'>>, Outcome<Acquired>>
  acquire: Verb<Exclusive & Partial<Pick<LookOptions, 'nonce'>>, Outcome<Acquired>>
  look: Verb<Exclusive & LookOptions & { readonly again: boolean }, Outcome<Look>>
  leave: Verb<OnLabel & Partial<Pick<LookOptions, 'waiter' | 'nonce'>>, Outcome<Nothing>>
  verify: Verb<OnToken, Outcome<Verified>>
  renew: Verb<OnToken, Outcome<Verified>>
  'give-back': Verb<OnToken & Partial<Pick<LookOptions, 'nonce'>>, Outcome<{ readonly held: boolean }>>
  steal: Verb<OnLabel & StealOptions, Outcome<Stolen>>
  resolve: Verb<OnLabel & { readonly note: string }, Outcome<Resolved>>
  log: Verb<LogInput, Outcome<Logged>>
  heartbeat: Verb<Nothing, Standing>
  survey: Verb<{ readonly register?: boolean }, Survey>
  release: Verb<OnLabel, Outcome<Released>>
  'release-all': Verb<Nothing, Outcome<Released>>
  list: Verb<ListOptions, Outcome<Listed>>
  peek: Verb<OnLabel, Outcome<Listed>>
  register: Verb<Nothing, Nothing>
  deregister: Verb<Nothing, Outcome<Released>>
  who: Verb<WhoOptions, Who>
  status: Verb<StatusOptions, Outcome<Status>>
  read: Verb<ReadInput, Outcome<SnapshotWithEvents>>
  now: Verb<Nothing, { readonly now: Date }>
  replay: Verb<ReplayInput, Outcome<Replay>>
}

/** A group's call that takes its options as its one argument. */
type Of<Group extends keyof Groups, Call extends keyof Groups[Group]> = Groups[Group][Call] extends (
  options: infer Options,
) => Promise<infer Answer>
  ? Verb<NonNullable<Options>, Answer>
  : never

type Answered<Group extends keyof Groups, Call extends keyof Groups[Group]> = Of<Group, Call>['answer']

interface GroupVerbs {
  'messages/send': Of<'messages', 'send'>
  'messages/inbox': Of<'messages', 'inbox'>
  'messages/read': Verb<{ readonly ids: readonly string[] }, Answered<'messages', 'read'>>
  'messages/read-all': Verb<Nothing, Answered<'messages', 'read'>>
  'components/set': Of<'components', 'set'>
  'components/list': Of<'components', 'list'>
  'components/history': Of<'components', 'history'>
  'workflows/add': Of<'workflows', 'add'>
  'workflows/list': Of<'workflows', 'list'>
  'workflows/get': Verb<OnId, Answered<'workflows', 'get'>>
  'workflows/set': Of<'workflows', 'set'>
  'items/add': Of<'items', 'add'>
  'items/list': Of<'items', 'list'>
  'items/get': Verb<OnId, Answered<'items', 'get'>>
  'items/set': Of<'items', 'set'>
}

type OnId = { readonly id: string }

/** `session` is the caller's, so the session whose history is asked for is named `of`. */
interface LogInput extends Partial<OnLabel> {
  readonly of?: string
  readonly since?: string | number
  readonly limit?: number
}

/**
 * The live claims of one label or of the whole board. With `of`, those of one session, whether live, lapsed
 * or ended otherwise.
 */
export interface ReadInput extends Partial<OnLabel> {
  readonly of?: string
  /** Also returns the events since this time. */
  readonly eventsSince?: Date
}

interface SnapshotWithEvents extends Snapshot {
  /** Present if they were asked for. */
  readonly events?: readonly HistoryEvent[]
  /** When the board was created. */
  readonly born?: Date
}

/** One outbox entry of the caller's, in the database's time. */
type ReplayInput = QueuedVerb & { readonly id: string; readonly saidAt: Date }

type KeysOf<T> = T extends unknown ? keyof T : never
type InputKey = { [Verb in keyof Verbs]: KeysOf<Verbs[Verb]['input']> }[keyof Verbs]

/**
 * The caller's fields. Doesn't compile if a verb's input has a key of the same name, because both share one
 * object.
 */
export type CallerOfAll = [Extract<InputKey, keyof Caller>] extends [never] ? Caller : never
