import { cancelWaitCall } from '../claims/cancel-wait.ts'
import { claimCall } from '../claims/claim.ts'
import type { CallContext } from '../claims/context.ts'
import { acquireCall, claimExclusivelyCall, pollCall } from '../claims/exclusive.ts'
import { heartbeatCall } from '../claims/heartbeat.ts'
import { heartbeatAndListCall } from '../claims/heartbeat-and-list.ts'
import { listCall } from '../claims/list.ts'
import { logCall } from '../claims/log.ts'
import { readCall } from '../claims/look-since.ts'
import { aboutCall, nowCall } from '../claims/now.ts'
import { peekCall } from '../claims/peek.ts'
import { registerCall } from '../claims/register.ts'
import { deregisterCall, releaseAllCall, releaseCall } from '../claims/release.ts'
import { releaseLeaseCall } from '../claims/release-lease.ts'
import { takeBackCall } from '../claims/take-back.ts'
import { renewCall, verifyCall } from '../claims/verify.ts'
import { whoCall } from '../claims/who.ts'
import type { Deadline } from '../deadline.ts'
import type { Session } from '../domain/session.ts'
import { call, lazily } from './call.ts'
import {
  claimEntry,
  heartbeatEntry,
  messageEntry,
  releaseAllEntry,
  releaseEntry,
  stateEntry,
  takeBackEntry,
} from './entries.ts'

const OK = { ok: 'true' } as const
const DATED = { ...OK, asOf: 'time' } as const
const LISTED = {
  ...DATED,
  claims: 'list',
  lapsed: 'list',
  stolen: 'list',
  moreLapsed: 'boolean',
  coClaims: 'list',
  overlaps: 'list',
  maybeSame: 'list',
} as const
const TAKEN = {
  ...DATED,
  claim: 'object',
  others: 'list',
  overlaps: 'list',
  maybeSame: 'list',
  lapsed: 'list',
  ended: 'list',
  isNew: 'boolean',
} as const
const RELEASED = { ...DATED, released: 'list', lapsed: 'list', coClaims: 'list' } as const
const VERIFIED = { ...DATED, current: 'boolean', token: 'number' } as const
const PAGE = { ...DATED, rows: 'list' } as const
const READ = { ...OK, read: 'number' } as const
const COMPONENT = { ...OK, component: 'object' } as const
const WORKFLOW = { ...OK, workflow: 'object' } as const
const ITEM = { ...OK, item: 'object' } as const

const steal = () => import('../claims/steal.ts')
const resolve = () => import('../claims/resolve.ts')
const guard = () => import('../claims/guard.ts')
const settle = () => import('../claims/settle.ts')
const compliance = () => import('../claims/compliance.ts')
const markWrong = () => import('../claims/mark-wrong.ts')
const replay = () => import('./replay.ts')
const messages = () => import('../coordination/messages.ts')
const components = () => import('../coordination/components.ts')
const workflows = () => import('../coordination/workflows.ts')
const items = () => import('../coordination/items.ts')

/**
 * Every call of the board, by its name in `/api/v1/<name>`. The boards on a store and over HTTP, the outbox
 * and the server are driven by this table: see `Call` for what a row says.
 */
export const CALLS = {
  claim: call({
    run: claimCall,
    answer: { ...TAKEN, coClaims: 'list', stolen: 'list' },
    once: 'key in input',
    entry: claimEntry,
  }),
  'take-back': call({
    run: takeBackCall,
    answer: { ...OK, gone: 'boolean' },
    once: 'key in input',
    takesBack: true,
    entry: takeBackEntry,
  }),
  'claim-exclusively': call({ run: claimExclusivelyCall, answer: TAKEN, once: 'key in input' }),
  acquire: call({ run: acquireCall, answer: TAKEN, once: 'key in input' }),
  poll: call({
    run: pollCall,
    answer: { ...OK, ahead: 'number', holders: 'list' },
    once: 'key in input',
    isDirect: true,
  }),
  'cancel-wait': call({
    run: cancelWaitCall,
    answer: OK,
    once: 'key in input',
    isDirect: true,
    takesBack: true,
  }),
  verify: call({ run: verifyCall, answer: VERIFIED, reads: true, isDirect: true }),
  renew: call({ run: renewCall, answer: VERIFIED, once: 'same effect', isDirect: true }),
  'release-lease': call({
    run: releaseLeaseCall,
    answer: { ...OK, held: 'boolean' },
    once: 'key in input',
    isDirect: true,
    takesBack: true,
  }),
  steal: call({
    run: lazily(steal, module => module.stealCall),
    answer: { ...TAKEN, from: 'object' },
    once: 'stored answer',
  }),
  resolve: call({
    run: lazily(resolve, module => module.resolveCall),
    answer: { ...DATED, resolved: 'list' },
    once: 'stored answer',
  }),
  log: call({ run: logCall, answer: { ...DATED, events: 'list', more: 'boolean' }, reads: true }),
  heartbeat: call({
    run: heartbeatCall,
    answer: { asOf: 'time', mine: 'list', coClaims: 'list', lapsed: 'list' },
    once: 'same effect',
    entry: heartbeatEntry,
  }),
  // For this call, the outbox stores only the heartbeat.
  'heartbeat-and-list': call({
    run: heartbeatAndListCall,
    answer: { view: 'object', listed: 'object' },
    once: 'same effect',
    entry: heartbeatEntry,
  }),
  release: call({ run: releaseCall, answer: RELEASED, once: 'stored answer', entry: releaseEntry }),
  'release-all': call({
    run: releaseAllCall,
    answer: RELEASED,
    once: 'stored answer',
    entry: releaseAllEntry,
  }),
  list: call({ run: listCall, answer: LISTED, reads: true }),
  peek: call({ run: peekCall, answer: LISTED, reads: true }),
  // The outbox stores no registration: if it fails, the session is registered when it next starts or resumes.
  register: call({ run: registerCall, answer: {}, once: 'same effect' }),
  // The outbox stores only the release: a session that can't report its end becomes stale.
  deregister: call({ run: deregisterCall, answer: RELEASED, once: 'stored answer', entry: releaseAllEntry }),
  who: call({ run: whoCall, answer: { asOf: 'time', sessions: 'list', coClaims: 'list' }, reads: true }),
  // The outbox stores none of these: a command runs now, or not at all.
  guard: call({
    run: lazily(guard, module => module.guardCall),
    answer: { ...DATED, decision: 'string', targets: 'list', coClaims: 'list', stolen: 'list' },
    once: 'key in input',
  }),
  settle: call({
    run: lazily(settle, module => module.settleCall),
    answer: { ...DATED, labels: 'list' },
    once: 'same effect',
  }),
  compliance: call({
    run: lazily(compliance, module => module.complianceCall),
    answer: { ...DATED, rows: 'list' },
    reads: true,
  }),
  'mark-wrong': call({
    run: lazily(markWrong, module => module.markWrongCall),
    answer: OK,
    once: 'same effect',
  }),
  status: call({
    run: lazily(
      () => import('../coordination/status.ts'),
      module => module.statusCall,
    ),
    answer: {
      ...DATED,
      claims: 'list',
      components: 'list',
      workflows: 'list',
      unread: 'number',
      sessions: 'object',
      coClaims: 'list',
    },
    reads: true,
  }),
  read: call({ run: readCall, answer: { ...DATED, claims: 'list' }, reads: true, isDirect: true }),
  now: call({ run: nowCall, answer: { now: 'time' }, reads: true, isDirect: true }),
  about: call({
    run: aboutCall,
    answer: { version: 'string', board: 'string', now: 'time' },
    reads: true,
    isDirect: true,
  }),
  replay: call({
    run: lazily(replay, module => module.replayCall),
    answer: { ...OK, done: 'boolean' },
    once: 'key in input',
    isDirect: true,
  }),
  'messages/send': call({
    run: lazily(messages, module => module.sendMessage),
    answer: { ...OK, message: 'object' },
    once: 'key in input',
    entry: messageEntry,
  }),
  'messages/inbox': call({ run: lazily(messages, module => module.inbox), answer: PAGE, reads: true }),
  'messages/read': call({
    run: lazily(messages, module => module.readMessages),
    answer: READ,
    once: 'same effect',
  }),
  'messages/read-all': call({
    run: lazily(messages, module => module.readAllMessages),
    answer: READ,
    once: 'same effect',
  }),
  'components/set': call({
    run: lazily(components, module => module.setComponent),
    answer: COMPONENT,
    once: 'key in input',
    entry: stateEntry,
  }),
  'components/list': call({
    run: lazily(components, module => module.listComponents),
    answer: PAGE,
    reads: true,
  }),
  'components/history': call({
    run: lazily(components, module => module.componentHistory),
    answer: PAGE,
    reads: true,
  }),
  // Whether a change of a workflow or an item is allowed depends on what others changed meanwhile, so the
  // outbox stores none.
  'workflows/add': call({
    run: lazily(workflows, module => module.addWorkflow),
    answer: WORKFLOW,
    once: 'key in input',
  }),
  'workflows/list': call({
    run: lazily(workflows, module => module.listWorkflows),
    answer: PAGE,
    reads: true,
  }),
  'workflows/get': call({
    run: lazily(workflows, module => module.getWorkflow),
    answer: WORKFLOW,
    reads: true,
  }),
  'workflows/set': call({
    run: lazily(workflows, module => module.setWorkflow),
    answer: WORKFLOW,
    once: 'stored answer',
  }),
  'items/add': call({ run: lazily(items, module => module.addItem), answer: ITEM, once: 'key in input' }),
  'items/list': call({ run: lazily(items, module => module.listItems), answer: PAGE, reads: true }),
  'items/get': call({ run: lazily(items, module => module.getItem), answer: ITEM, reads: true }),
  'items/set': call({
    run: lazily(items, module => module.setItem),
    answer: ITEM,
    once: 'stored answer',
  }),
} as const

export type CallName = keyof typeof CALLS

type Parts = {
  readonly [Name in CallName]: (typeof CALLS)[Name]['run'] extends (
    context: CallContext,
    input: infer Input,
  ) => Promise<infer Answer>
    ? { readonly input: Input; readonly answer: Answer }
    : never
}
export type InputOf<Name extends CallName> = Parts[Name]['input']
export type AnswerOf<Name extends CallName> = Parts[Name]['answer']

export interface AskOptions {
  /** The deadline for the answer. @default the time of one call, from now */
  readonly deadline?: Deadline
  /** The idempotency key, the same for each attempt of the call. */
  readonly key?: string
  /**
   * Whether the call may go to the outbox. False for a repeated attempt of a call that was refused before: its
   * caller is told of the refusal.
   * @default true
   */
  readonly queues?: boolean
  /** The caller repeats the call until it is granted, so it is sent even while the circuit breaker is open. */
  readonly waits?: boolean
}

/** Makes a call as one session. @throws PresenceError */
export type Ask = <Name extends CallName>(
  name: Name,
  input: InputOf<Name>,
  options?: AskOptions,
) => Promise<AnswerOf<Name>>

/** The fields that every call to a server has besides its own input. */
export interface Caller {
  /** The calling session. */
  readonly session: Session
  /** Kinds of label that the project uses besides those that the server knows. */
  readonly labelKinds?: readonly string[]
  /** How long the client waits for the answer, in milliseconds; the server gives up by then too. */
  readonly deadlineMs?: number
}

type KeysOf<T> = T extends unknown ? keyof T : never
type InputKey = { [Name in CallName]: KeysOf<InputOf<Name>> }[CallName]

/**
 * The caller's fields. Doesn't compile if a call's input has a key of the same name, because both share one
 * object.
 */
export type CallerOfAll = [Extract<InputKey, keyof Caller>] extends [never] ? Caller : never

/** True if a server's answer has everything that this call's answer always has. Other content is ignored. */
export function isAnswer(value: object, name: CallName): boolean {
  const given = value as Readonly<Record<string, unknown>>
  return Object.entries(CALLS[name].answer).every(([key, kind]) =>
    kind === 'true' ? given[key] === true : kindOf(given[key]) === kind,
  )
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'time'
  if (Array.isArray(value)) return 'list'
  return value === null ? 'null' : typeof value
}

/** Whether calls with this name are made once by an idempotency key: see `Call`. */
export function storesAnswer(name: CallName): boolean {
  return CALLS[name].once === 'stored answer'
}
