import type { Session } from './session.ts'

/** What a session said while the board could not be reached, to be said again in its place and with its own time. */
export type QueuedOperation = {
  /** A UUID: the board notes it with the operation's effect, so that neither happens twice. */
  readonly id: string
  /** When it was said, in milliseconds since 1970 by this host's clock. Only the age leaves this host. */
  readonly at: number
  readonly session: Session
} & QueuedVerb

export type QueuedVerb =
  | { readonly verb: 'claim'; readonly label: string; readonly purpose: string; readonly ttlSeconds: number }
  | { readonly verb: 'heartbeat' }
  | { readonly verb: 'release'; readonly label?: string }

export function toLine(operation: QueuedOperation): string {
  return `${JSON.stringify(operation)}\n`
}

/** Reads a line back; undefined when it is damaged. */
export function fromLine(line: string): QueuedOperation | undefined {
  try {
    const read: unknown = JSON.parse(line)
    return isOperation(read) ? read : undefined
  } catch {
    return undefined
  }
}

function isOperation(value: unknown): value is QueuedOperation {
  if (
    !isRecord(value) ||
    !isText(value['id']) ||
    !Number.isFinite(value['at']) ||
    !isSession(value['session'])
  )
    return false
  const { verb, label, purpose, ttlSeconds } = value
  if (verb === 'heartbeat') return true
  if (verb === 'release') return label === undefined || isText(label)
  return verb === 'claim' && isText(label) && isText(purpose) && Number.isSafeInteger(ttlSeconds)
}

function isSession(value: unknown): value is Session {
  return (
    isRecord(value) &&
    ['id', 'user', 'host', 'agent'].every(key => typeof value[key] === 'string') &&
    value['id'] !== ''
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
