import {
  AGENT_LENGTH_MAX,
  BODY_LENGTH_MAX,
  BRANCH_LENGTH_MAX,
  COMPONENT_LENGTH_MAX,
  HOST_LENGTH_MAX,
  ID_LENGTH_MAX,
  LABEL_LENGTH_MAX,
  NOTE_LENGTH_MAX,
  PROJECT_LENGTH_MAX,
  PURPOSE_LENGTH_MAX,
  REPO_LENGTH_MAX,
  ROLE_LENGTH_MAX,
  SESSION_ID_LENGTH_MAX,
  SUBJECT_LENGTH_MAX,
  TTL_SECONDS_MAX,
  USER_LENGTH_MAX,
  VERSION_LENGTH_MAX,
  WORKTREE_LENGTH_MAX,
} from './limits.ts'
import { MESSAGE_KINDS, type MessageKind } from './message.ts'
import { type Fields, isObject, objectIn } from './object.ts'
import type { Session } from './session.ts'
import { lengthOf } from './text.ts'
import { isWriteKey } from './write-key.ts'

/** The end of the year 9999, in milliseconds since 1970. Databases accept no later moment. */
const AT_MAX = 253_402_300_799_000

/** A call made while the board was unreachable. It is replayed later in its order and with its own time. */
export type QueuedOperation = Said & {
  /**
   * When the call was made, in milliseconds since 1970 by this host's clock. The board never receives this
   * time, only the same moment in the database's time.
   */
  readonly at: number
}

export type Said = {
  /**
   * A UUID. The board stores it together with the operation's effect, so that the operation is done only
   * once.
   */
  readonly id: string
  readonly session: Session
} & QueuedVerb

export type QueuedVerb =
  | {
      readonly verb: 'claim'
      readonly label: string
      readonly purpose: string
      readonly ttlSeconds: number
      readonly writeKey?: string
    }
  | { readonly verb: 'heartbeat' }
  /** Releases all claims, the claims on a label, or what one write claimed. */
  | { readonly verb: 'release'; readonly label?: string; readonly writeKey?: string }
  | ({ readonly verb: 'message' } & QueuedMessage)
  | ({ readonly verb: 'component' } & QueuedState)

/** The operation's id is also the message's id: a message whose answer was lost is not sent twice. */
interface QueuedMessage {
  readonly id: string
  readonly to?: string
  readonly project?: string
  readonly kind: MessageKind
  readonly subject: string
  readonly body: string
}

interface QueuedState {
  readonly id: string
  readonly project: string
  readonly component: string
  readonly state: string
  readonly version?: string
  readonly notes?: string
}

/** The key by which the board distinguishes one write of a claim from another. */
export function writeKeyOf(operation: Said): string {
  const given = 'writeKey' in operation ? operation.writeKey : undefined
  return given ?? operation.id
}

export function toLine(operation: QueuedOperation): string {
  return `${JSON.stringify(operation)}\n`
}

/** Reads an operation from a line. Undefined if the line is damaged. */
export function fromLine(line: string): QueuedOperation | undefined {
  const read = objectIn(line)
  return isOperation(read) ? read : undefined
}

function isOperation(value: unknown): value is QueuedOperation {
  if (
    !isObject(value) ||
    !isText(value['id'], ID_LENGTH_MAX) ||
    !isWithin(value['at'], 0, AT_MAX) ||
    !isSession(value['session'])
  )
    return false
  const { verb, label, purpose, ttlSeconds, writeKey } = value
  if (writeKey !== undefined && !isWriteKey(writeKey)) return false
  if (verb === 'message') return isMessage(value)
  if (verb === 'component') return isState(value)
  if (verb === 'heartbeat') return true
  if (verb === 'release') return label === undefined || isText(label, LABEL_LENGTH_MAX)
  return (
    verb === 'claim' &&
    isText(label, LABEL_LENGTH_MAX) &&
    isText(purpose, PURPOSE_LENGTH_MAX) &&
    Number.isInteger(ttlSeconds) &&
    isWithin(ttlSeconds, 1, TTL_SECONDS_MAX)
  )
}

function isMessage({ to, project, kind, subject, body }: Fields): boolean {
  return (
    isOptional(to, SESSION_ID_LENGTH_MAX) &&
    isOptional(project, PROJECT_LENGTH_MAX) &&
    MESSAGE_KINDS.some(each => each === kind) &&
    isText(subject, SUBJECT_LENGTH_MAX) &&
    isText(body, BODY_LENGTH_MAX)
  )
}

function isState({ project, component, state, version, notes }: Fields): boolean {
  return (
    isText(project, PROJECT_LENGTH_MAX) &&
    isText(component, COMPONENT_LENGTH_MAX) &&
    isText(state, COMPONENT_LENGTH_MAX) &&
    isOptional(version, VERSION_LENGTH_MAX) &&
    isOptional(notes, NOTE_LENGTH_MAX)
  )
}

function isSession(value: unknown): value is Session {
  return (
    isObject(value) &&
    isText(value['id'], SESSION_ID_LENGTH_MAX) &&
    isText(value['user'], USER_LENGTH_MAX, 0) &&
    isText(value['host'], HOST_LENGTH_MAX, 0) &&
    isText(value['agent'], AGENT_LENGTH_MAX, 0) &&
    (value['place'] === undefined || isPlace(value['place']))
  )
}

function isPlace(value: unknown): boolean {
  if (!isObject(value)) return false
  const { repo, branch, worktree, role } = value
  return (
    (repo === undefined || isText(repo, REPO_LENGTH_MAX)) &&
    (branch === undefined || isText(branch, BRANCH_LENGTH_MAX)) &&
    (worktree === undefined || isText(worktree, WORKTREE_LENGTH_MAX)) &&
    (role === undefined || isText(role, ROLE_LENGTH_MAX))
  )
}

/**
 * Whether a text fits the board. A text that the board refuses would block everything behind it in the
 * outbox.
 */
function isText(value: unknown, max: number, min = 1): value is string {
  return typeof value === 'string' && lengthOf(value) >= min && lengthOf(value) <= max
}

function isOptional(value: unknown, max: number): boolean {
  return value === undefined || isText(value, max)
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max
}
