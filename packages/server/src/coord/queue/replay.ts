import { setTimeout } from 'node:timers/promises'
import type { Failures } from '@presence/core'
import type { CoordQueueFile } from './file.ts'
import { linesOf } from './files.ts'
import { parseLine, type QueuedCall } from './line.ts'

/** What a call is answered with. */
interface CoordAnswer {
  readonly status: number
  /** Why not, where it is no success. */
  readonly detail: string | undefined
}

/** Makes a call on the board's server; `undefined` where that gives no answer. */
export type Send = (
  call: Pick<QueuedCall, 'method' | 'path' | 'body'> & { readonly headers: Readonly<Record<string, string>> },
) => Promise<CoordAnswer | undefined>

/** A call that was not made, or not taken. */
export interface NotTaken {
  readonly line: string
  readonly reason: string
}

export interface CoordReplayed {
  /** How many calls were made and taken. */
  readonly done: number
  /** What the board refuses; told once, and set aside. */
  readonly refused: readonly NotTaken[]
  /** What no call can be read off; set aside. */
  readonly damaged: readonly NotTaken[]
  /** How many lines are still queued: the board gives no answer, or none that says what became of the call, or they came late. */
  readonly left: number
  /** Why they are, where it is not for want of an answer. */
  readonly reason?: string
}

/** A queue that grows without end is worked off in parts, each of which is off it once it is done. */
const PART = 50
/** By then most who had opened the queue before it was taken have written to it, in milliseconds: so the order is kept. */
const SETTLED_MS = 25
/** How often it is seen in one go whether something was written late: somebody may never cease to. */
const ROUNDS_MAX = 20
/** The longest that the API takes, in milliseconds; what was said earlier was said then. */
const AGE_MS_MAX = 30 * 86_400_000
const LOCKS = /^\/api\/coord\/+locks(\/|$)/
const COMPONENT = /^\/api\/coord\/components(\/[^/]+\/[^/]+)?$/
const MESSAGES = '/api/coord/messages'
const STATUS = '/api/coord/status'
/** Whose address doesn't matter: it is taken off again. */
const ANY = 'http://server.invalid'

/**
 * Makes the calls of a queue, in order and with their own times, until the board gives no answer. One that was made and
 * whose process died is made again, with the same key. The caller sees to it that no two do this at once.
 */
export async function replayCoordQueue(
  file: CoordQueueFile,
  send: Send,
  failures?: Failures,
): Promise<CoordReplayed> {
  const replay = new Replay(file, send, failures)
  // What was not finished, or is late, was said first.
  await replay.late()
  await replay.queue()
  await replay.late()
  replay.left = file.giveBack()
  if (replay.left > 0 && !replay.isStopped)
    replay.reason = file.stuck ?? 'written while the others were made, or still being written'
  return replay
}

class Replay implements CoordReplayed {
  done = 0
  left = 0
  reason?: string
  /** No further call is made: there was no answer to the last. */
  isStopped = false
  readonly refused: NotTaken[] = []
  readonly damaged: NotTaken[] = []
  readonly #file: CoordQueueFile
  readonly #send: Send
  /** Without one no call is set aside for failing again and again. */
  readonly #failures: Failures | undefined

  constructor(file: CoordQueueFile, send: Send, failures: Failures | undefined) {
    this.#file = file
    this.#send = send
    this.#failures = failures
  }

  /** Works off what is taken already, and what was written to earlier queues since. */
  async late(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX && !this.isStopped; round++) {
      if (!this.#file.isTaken && !this.#file.gather(Date.now())) return
      await this.queue()
    }
  }

  /** Works off what is taken, else the queue, with what is written to it meanwhile. */
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

  /** @returns whether the line is done with */
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
    // Gone is what a DELETE asks for.
    if (answer.status < 300 || (call.method === 'DELETE' && answer.status === 404)) {
      this.done++
      return true
    }
    return this.#aside(this.refused, line, reason)
  }

  /** What fails again and again on a server that answers other calls is no passing fault, and what is behind it waits for it. */
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

/** No word on the call itself: it may be taken later, or with another token. */
function isPassing(status: number): boolean {
  return [401, 408, 425, 429].includes(status) || status >= 500
}

/**
 * Why a call is not to be made now, if so: whoever got no answer went on without the lock, so nobody waits for it, and what
 * another session holds is taken away by nobody but who asks for it there and then.
 */
function whyNot({ method, path }: QueuedCall): string | undefined {
  const to = new URL(path, ANY)
  if (to.searchParams.get('force') === 'true') return 'takes a lock away, which is never done later'
  return method === 'POST' && LOCKS.test(unescaped(to.pathname))
    ? 'takes a lock, which is never done later: ask for it when it is needed'
    : undefined
}

/** As the routes read it. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** What was said has the time at which it was said, where the API takes one. */
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
