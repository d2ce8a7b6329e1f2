import {
  type AnswerOf,
  type Ask,
  type CallerOfAll,
  type CallName,
  type InputOf,
  isAnswer,
  storesAnswer,
} from '../calls/table.ts'
import type { ExclusiveInput } from '../claims/exclusive.ts'
import type { HttpDsn } from '../config/dsn.ts'
import { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { isObject, objectIn } from '../domain/object.ts'
import type { Session } from '../domain/session.ts'
import type { Replays } from '../outbox/replay.ts'
import { fromWire, inputToWire } from './codec.ts'
import { faultIn, momentToRetry, notUnderstood, otherApiIn, wasCut } from './faults.ts'
import { API_HEADER, API_VERSION, KEY_HEADER, VERSION_HEADER } from './headers.ts'
import { HttpClient } from './http.ts'
import type { HttpAnswer } from './message.ts'

/**
 * The statuses of a refusal: something doesn't exist, the board's state forbids it, or the input is invalid.
 */
const REFUSED: ReadonlySet<number> = new Set([404, 409, 422])

const TOO_MANY = 429
/** The time that must be left for a second try after the wait, in milliseconds, including the jitter. */
const RETRY_MS_MIN = 300
const RETRY_JITTER_MS = 100

/** The most times that a call is sent if its connection is cut. */
const TRIES_MAX = 5
/** The server must give up a little before the client does, because its answer tells the reason. */
const SHARE_OF_SERVER = 0.9

/** Makes calls on a server. */
export class Client {
  readonly #dsn: HttpDsn
  readonly #http: HttpClient
  readonly #kinds: readonly string[]

  /** @param kinds kinds of label that the server may not know */
  constructor(dsn: HttpDsn, kinds: readonly string[]) {
    this.#dsn = dsn
    this.#http = new HttpClient(dsn)
    this.#kinds = kinds
  }

  /**
   * @param key the call's idempotency key, if it has one
   * @throws PresenceError
   */
  async ask<Name extends CallName>(
    name: Name,
    session: Session,
    input: InputOf<Name>,
    deadline: Deadline,
    key: string = crypto.randomUUID(),
  ): Promise<AnswerOf<Name>> {
    const headers = {
      [API_HEADER]: String(API_VERSION),
      ...(storesAnswer(name) ? { [KEY_HEADER]: key } : {}),
    }
    const body = () =>
      JSON.stringify(inputToWire(withoutGaps({ ...(input as object), ...this.#caller(session, deadline) })))
    const send = () =>
      this.#http.send({ method: 'POST', path: `/api/v1/${name}`, body: body(), headers }, deadline)
    const answer = await this.#sent(send, deadline)
    const waitMs = answer.status === TOO_MANY ? msUntil(answer) : undefined
    // The server limits the rate and has not started the call, so it can be sent again after the wait.
    if (waitMs === undefined || waitMs > deadline.remainingMs() - RETRY_MS_MIN)
      return this.#answerIn(answer, name)
    await deadline.pause(waitMs + Math.random() * RETRY_JITTER_MS)
    return this.#answerIn(await this.#sent(send, deadline), name)
  }

  /** The server is told what is left of the call's time at each attempt. */
  #caller(session: Session, deadline: Deadline): CallerOfAll {
    return {
      session,
      ...(this.#kinds.length === 0 ? {} : { labelKinds: this.#kinds }),
      deadlineMs: Math.round(Math.min(Math.max(deadline.remainingMs() * SHARE_OF_SERVER, 100), 10_000)),
    }
  }

  /**
   * Sends a call again if the connection was cut, or if a proxy reports that it lost the server. The server
   * may have made the call already. An idempotency key, or a key in the call's input, ensures that the call
   * takes effect once.
   */
  async #sent(send: () => Promise<HttpAnswer>, deadline: Deadline): Promise<HttpAnswer> {
    for (let tries = 1; ; tries++) {
      const isLast = () => tries >= TRIES_MAX || deadline.remainingMs() < RETRY_MS_MIN
      try {
        const answer = await send()
        if (!isOfProxy(answer) || isLast()) return answer
      } catch (error) {
        if (!wasCut(error) || isLast()) throw error
      }
      await deadline.pause(Math.random() * RETRY_JITTER_MS)
    }
  }

  close(): void {
    this.#http.close()
  }

  /** Returns the board's answer or refusal, with JSON converted back to dates and undefined. */
  #answerIn<Name extends CallName>(answer: HttpAnswer, name: Name): AnswerOf<Name> {
    const { status, headers, body } = answer
    if (headers[VERSION_HEADER] !== undefined) {
      const said = objectIn(body)
      const otherApi = status === 200 || REFUSED.has(status) ? otherApiIn(answer, this.#dsn) : undefined
      if (otherApi) throw otherApi
      if (status === 200) return this.#understood(said, name)
      const refusal = said?.['refusal']
      if (isRefusal(refusal) && REFUSED.has(status)) return fromWire({ ok: false, refusal })
    }
    throw faultIn(answer, name, this.#dsn)
  }

  /**
   * @throws PresenceError `unreachable` if the answer makes no sense: it tells nothing about the board, so
   *   the call is retried later
   */
  #understood<Name extends CallName>(said: object | undefined, name: Name): AnswerOf<Name> {
    const answer = said && fromWire<AnswerOf<Name>>(said)
    if (answer && isAnswer(answer, name)) return answer
    throw notUnderstood(this.#dsn, name)
  }
}

/**
 * How long to try, in milliseconds, to take back a claim that may have been granted although its answer was
 * lost.
 */
const WITHDRAW_MS = 200

/** The calls that may have been granted an exclusive claim although their answer was lost. */
const TAKES: ReadonlySet<CallName> = new Set(['acquire', 'claim-exclusively', 'poll'])

/** Makes a server's calls as one session. A claim whose answer was lost is taken back by its write key. */
export function askOver(client: Client, session: Session, start: () => Deadline): Ask {
  return async (name, input, { deadline = start(), key } = {}) => {
    try {
      return await client.ask(name, session, input, deadline, key)
    } catch (error) {
      if (TAKES.has(name)) {
        const { label, writeKey } = input as ExclusiveInput
        const what = { label, ...(writeKey === undefined ? {} : { writeKey }) }
        await client.ask('cancel-wait', session, what, Deadline.after(WITHDRAW_MS)).catch(() => {})
      }
      throw error
    }
  }
}

/**
 * The outbox's calls, over HTTP. Each entry is sent as the session that made it, because a user's sessions
 * share an outbox.
 */
export function replaysOver(client: Client, speaker: Session): Replays {
  return {
    now: async deadline => (await client.ask('now', speaker, {}, deadline)).now,
    replay: async ({ at, session, ...entry }, saidAt, deadline) => {
      try {
        return await client.ask('replay', session, { ...entry, saidAt }, deadline)
      } catch (error) {
        if (isForbidden(error)) return 'withheld'
        throw error
      }
    },
  }
}

/** The server accepts this token, but not for that session: only its own token can deliver the entry. */
function isForbidden(error: unknown): boolean {
  return error instanceof PresenceError && error.code === 'access_denied' && error.cause === 403
}

/** Whether a proxy answers that it lost the server: the server may have made the call. */
function isOfProxy({ status, headers }: HttpAnswer): boolean {
  return (status === 502 || status === 504) && headers[VERSION_HEADER] === undefined
}

/** The wait that a server asks for, in milliseconds; undefined if it names none. */
function msUntil({ headers }: HttpAnswer): number | undefined {
  const at = momentToRetry(headers['retry-after'])
  return at && Math.max(0, at.getTime() - Date.now())
}

/** True if the value has the fields of every refusal. */
function isRefusal(value: unknown): boolean {
  if (!isObject(value)) return false
  const { code, message, remedy } = value
  return [code, message, remedy].every(each => typeof each === 'string')
}

/** Leaves out undefined fields: the server accepts no null for them. */
function withoutGaps(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}
