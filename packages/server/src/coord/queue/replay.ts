import { setTimeout } from 'node:timers/promises'
import type { Failures } from '@presence/core'
import type { CoordQueueFile } from './file.ts'
import { linesOf } from './files.ts'
import { parseLine, type QueuedCall } from './line.ts'

/** The server's answer to a call. */
interface CoordAnswer {
  readonly status: number
  /** The error text, if the call failed. */
  readonly detail: string | undefined
}

/** Makes a call on the board's server. Undefined if the server doesn't answer. */
export type Send = (
  call: Pick<QueuedCall, 'method' | 'path' | 'body'> & { readonly headers: Readonly<Record<string, string>> },
) => Promise<CoordAnswer | undefined>

/** A call that was not made, or that the server refused. */
export interface NotTaken {
  readonly line: string
  readonly reason: string
}

export interface CoordReplayed {
  /** How many calls were made and accepted. */
  readonly done: number
  /** Calls that the board refuses. They become dead letters and are reported once. */
  readonly refused: readonly NotTaken[]
  /** Lines that can't be parsed. They become dead letters. */
  readonly damaged: readonly NotTaken[]
  /**
   * How many lines are left: the board did not answer, or answered without deciding on the call, or the lines
   * were written late.
   */
  readonly left: number
  /** Why lines are left, unless the board did not answer. */
  readonly reason?: string
}

/**
 * How many lines are replayed before they are removed from the file. An outbox may grow while it is replayed.
 */
const PART = 50
/**
 * How long to wait after the rename, in milliseconds. By then most clients that had opened the file before
 * have written to it, so the order of the calls is kept.
 */
const SETTLED_MS = 25
/** How often one replay checks for late lines. Limited because a client may never stop writing. */
const ROUNDS_MAX = 20
/** The greatest age that the API accepts, in milliseconds. Older calls are sent with this age. */
const AGE_MS_MAX = 30 * 86_400_000
const LOCKS = /^\/api\/coord\/+locks(\/|$)/
const COMPONENT = /^\/api\/coord\/components(\/[^/]+\/[^/]+)?$/
const MESSAGES = '/api/coord/messages'
const STATUS = '/api/coord/status'
/** A placeholder origin, used only to parse paths. */
const ANY = 'http://server.invalid'

/**
 * Makes the calls of an outbox, in order and with their own times, until the board doesn't answer. If a
 * process dies after a call, the next replay makes it again with the same idempotency key. The caller must
 * ensure that only one replay runs at a time.
 */
export async function replayCoordQueue(
  file: CoordQueueFile,
  send: Send,
  failures?: Failures,
): Promise<CoordReplayed> {
  const replay = new Replay(file, send, failures)
  // Unfinished and late lines are older than the outbox, so they come first.
  await replay.late()
  await replay.queue()
  await replay.late()
  replay.left = file.giveBack()
  if (replay.left > 0 && !replay.isStopped)
    replay.reason = file.stuck ?? 'they were written during the replay, or are still being written'
  return replay
}

class Replay implements CoordReplayed {
  done = 0
  left = 0
  reason?: string
  /** Whether the replay has stopped because the last call got no usable answer. */
  isStopped = false
  readonly refused: NotTaken[] = []
  readonly damaged: NotTaken[] = []
  readonly #file: CoordQueueFile
  readonly #send: Send
  /** Counts failures. Without it, a call that keeps failing never becomes a dead letter. */
  readonly #failures: Failures | undefined

  constructor(file: CoordQueueFile, send: Send, failures: Failures | undefined) {
    this.#file = file
    this.#send = send
    this.#failures = failures
  }

  /** Replays the file that is already taken, and what was appended to earlier files since. */
  async late(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX && !this.isStopped; round++) {
      if (!this.#file.isTaken && !this.#file.gather(Date.now())) return
      await this.queue()
    }
  }

  /** Replays the taken file, or else the outbox, including what is appended meanwhile. */
  async queue(): Promise<void> {
    if (this.isStopped) return
    while ((await this.#part()) && this.#file.isTaken);
  }

  /** @returns whether there may be more to do */
  async #part(): Promise<boolean> {
    const isFresh = !this.#file.isTaken
    if (!this.#file.take()) return false
    if (isFresh) await setTimeout(SETTLED_MS)
    const read = this.#file.take()
    if (!read) return false
    const lines = linesOf(read)
    const part = lines.slice(0, PART)
    let at = 0
    while (at < part.length && (await this.#take(part[at] ?? ''))) at++
    this.isStopped = at < part.length
    return (at > 0 || lines.length === 0) && this.#file.keep(read, lines.slice(at)) && !this.isStopped
  }

  /** @returns whether the line can be removed from the file */
  async #take(line: string): Promise<boolean> {
    const call = parseLine(line)
    if (typeof call === 'string') return this.#aside(this.damaged, line, call)
    const now = Date.now()
    const not = whyNot(call)
    if (not !== undefined) return this.#aside(this.refused, line, not)
    const path = withAge(call, call.at, now)
    const answer = await this.#send({ ...call, path, headers: { 'idempotency-key': call.key } })
    if (!answer) return false
    const reason = answer.detail ?? `the server answers ${answer.status}`
    if (isPassing(answer.status) && !(await this.#isInTheWay(answer.status, call.key, reason))) {
      this.reason = reason
      return false
    }
    this.#failures?.keepOnly(new Set())
    // A DELETE that is answered with 404 is done: the resource doesn't exist.
    if (answer.status < 300 || (call.method === 'DELETE' && answer.status === 404)) {
      this.done++
      return true
    }
    return this.#aside(this.refused, line, reason)
  }

  /**
   * Whether a call that keeps failing with 500 blocks the calls behind it. It does if the server answers
   * other calls: then the fault is not temporary.
   */
  async #isInTheWay(status: number, key: string, reason: string): Promise<boolean> {
    if (status !== 500 || !this.#failures?.note(key, new Error(reason))) return false
    const other = await this.#send({ method: 'GET', path: STATUS, body: undefined, headers: {} })
    return other?.status === 200
  }

  #aside(list: NotTaken[], line: string, reason: string): true {
    this.#file.setAside(line)
    list.push({ line, reason })
    return true
  }
}

/** Whether the status says nothing about the call itself, which may succeed later or with another token. */
function isPassing(status: number): boolean {
  return [401, 408, 425, 429].includes(status) || status >= 500
}

/**
 * Why a call must not be replayed, or undefined if it may. A client that got no answer to its lock call
 * continued without the lock, so no one waits for it. A lock is only taken from another session by a call
 * that is made live, never by a replay.
 */
function whyNot({ method, path }: QueuedCall): string | undefined {
  const to = new URL(path, ANY)
  if (to.searchParams.get('force') === 'true')
    return 'the call would take a lock away from its session, and such calls are never replayed'
  return method === 'POST' && LOCKS.test(unescaped(to.pathname))
    ? 'the call would take a lock, and such calls are never replayed: take the lock when you need it'
    : undefined
}

/** Decodes a path as the router does. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Adds the call's age to its path if the call accepts one. */
function withAge(
  { method, path }: Pick<QueuedCall, 'method' | 'path'>,
  at: number | undefined,
  now: number,
): string {
  const to = new URL(path, ANY)
  const takes =
    (method === 'PUT' && COMPONENT.test(to.pathname)) || (method === 'POST' && to.pathname === MESSAGES)
  if (at === undefined || !takes) return path
  to.searchParams.set('said_ms_ago', String(Math.max(0, Math.min(Math.round(now - at), AGE_MS_MAX))))
  return to.pathname + to.search
}
