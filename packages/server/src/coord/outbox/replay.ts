import { type Failures, objectIn } from '@presence/core/internal'
import { parseLine, type Request, requestOf, whyNotReplayed } from './call.ts'
import { OutboxFile } from './file.ts'
import type { CoordOutbox } from './outbox.ts'

/** Makes a call on the board's server. Undefined if the server doesn't answer. */
export type Send = (
  request: Request,
) => Promise<{ readonly status: number; readonly body: string } | undefined>

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

/** The most times that one replay looks for new lines. Limited because a client may never stop writing. */
const ROUNDS_MAX = 20

/**
 * Makes the calls of an outbox, in order and with their own times, until the board doesn't answer. If a
 * process dies after a call, the next replay makes that call again with the same idempotency key. The caller
 * must ensure that only one replay runs at a time.
 */
export async function replayCoordOutbox(
  outbox: CoordOutbox,
  send: Send,
  failures?: Failures,
): Promise<CoordReplayed> {
  const replay = new Replay(outbox, send, failures)
  for (let round = 0; round < ROUNDS_MAX; round++) if (!(await replay.round())) break
  replay.left = replay.countLeft()
  if (replay.left > 0 && !replay.isStopped)
    replay.reason = 'they were written during the replay, or are still being written'
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
  readonly #outbox: CoordOutbox
  readonly #send: Send
  /** Counts failures. Without it, a call that keeps failing never becomes a dead letter. */
  readonly #failures: Failures | undefined

  constructor(outbox: CoordOutbox, send: Send, failures: Failures | undefined) {
    this.#outbox = outbox
    this.#send = send
    this.#failures = failures
  }

  /**
   * Settles the lines that there are now. Past files come first: a client that writes one line after another
   * wrote to them before it wrote to the present file.
   *
   * @returns whether there may be more
   */
  async round(): Promise<boolean> {
    let hasSettled = false
    for (const name of this.#outbox.files()) {
      using file = new OutboxFile(name)
      for (const line of file.lines()) {
        if (!(await this.#settle(line.text))) {
          this.isStopped = true
          return false
        }
        file.settle(line)
        hasSettled = true
      }
      this.#outbox.retire(file)
    }
    return hasSettled
  }

  countLeft(): number {
    return this.#outbox.files().reduce((sum, name) => {
      using file = new OutboxFile(name)
      return sum + file.left()
    }, 0)
  }

  /** @returns whether the line is settled: its call is made, or it is a dead letter */
  async #settle(line: string): Promise<boolean> {
    const call = parseLine(line)
    if (typeof call === 'string') return this.#aside(this.damaged, line, call)
    const whyNot = whyNotReplayed(call)
    if (whyNot !== undefined) return this.#aside(this.refused, line, whyNot)
    const answer = await this.#send(requestOf(call, Date.now()))
    if (!answer) return false
    const reason = detailIn(answer.body) ?? `the server answers ${answer.status}`
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
    const other = await this.#send({ method: 'GET', path: '/api/coord/status' })
    return other?.status === 200
  }

  #aside(list: NotTaken[], line: string, reason: string): true {
    this.#outbox.setAside(line)
    list.push({ line, reason })
    return true
  }
}

/** Whether the status says nothing about the call itself, which may succeed later or with another token. */
function isPassing(status: number): boolean {
  return [401, 408, 425, 429].includes(status) || status >= 500
}

/** The error text of an answer. */
function detailIn(body: string): string | undefined {
  const { detail } = objectIn(body) ?? {}
  return typeof detail === 'string' ? detail : undefined
}
