import {
  type AnswerOf,
  type Ask,
  CALLS,
  type CallerOfAll,
  type CallName,
  type InputOf,
  isAnswer,
} from '../calls/table.ts'
import type { ExclusiveInput } from '../claims/exclusive.ts'
import type { HttpDsn } from '../config/dsn.ts'
import { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Session } from '../domain/session.ts'
import type { Replays } from '../outbox/replay.ts'
import { fromWire, toWire } from './codec.ts'
import {
  API_HEADER,
  API_VERSION,
  faultIn,
  KEY_HEADER,
  momentToRetry,
  notUnderstood,
  objectIn,
  otherApiIn,
  VERSION_HEADER,
  wasCut,
} from './faults.ts'
import { HttpClient } from './http.ts'
import type { HttpAnswer, HttpRequest } from './message.ts'

/**
 * The statuses of a refusal: something doesn't exist, the board's state forbids it, or the input is invalid.
 */
const REFUSED: ReadonlySet<number> = new Set([404, 409, 422])

const TOO_MANY = 429
/** The time that must be left for a second try after the wait, in milliseconds, including the jitter. */
const RETRY_MS_MIN = 300
const RETRY_JITTER_MS = 100

/** How often a call whose connection was cut is sent. */
const TRIES_MAX = 5
/** Calls whose answer the board stores. */
const STORED: ReadonlySet<CallName> = new Set(
  (Object.keys(CALLS) as CallName[]).filter(name => (CALLS[name] as { once?: string }).once === 'answer'),
)

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

  /** @throws PresenceError */
  async ask<Name extends CallName>(
    name: Name,
    session: Session,
    input: InputOf<Name>,
    deadline: Deadline,
  ): Promise<AnswerOf<Name>> {
    const caller: CallerOfAll = {
      session,
      ...(this.#kinds.length === 0 ? {} : { labelKinds: this.#kinds }),
      deadlineMs: Math.round(Math.min(Math.max(deadline.remainingMs() * SHARE_OF_SERVER, 100), 10_000)),
    }
    const json = JSON.stringify(toWire(withoutGaps({ ...(input as object), ...caller })))
    const headers = {
      [API_HEADER]: String(API_VERSION),
      ...(STORED.has(name) ? { [KEY_HEADER]: crypto.randomUUID() } : {}),
    }
    const request = { method: 'POST', path: `/api/v1/${name}`, body: json, headers }
    const send = () => this.#sent(request, deadline)
    const answer = await send()
    const waitMs = answer.status === TOO_MANY ? msUntil(answer) : undefined
    // The server limits the rate and has not started the call, so it can be sent again after the wait.
    if (waitMs === undefined || waitMs > deadline.remainingMs() - RETRY_MS_MIN)
      return this.#answerIn(answer, name)
    await deadline.pause(waitMs + Math.random() * RETRY_JITTER_MS)
    return this.#answerIn(await send(), name)
  }

  /**
   * Sends a request again if the connection was cut: the server may have made the call. Sent twice, each call
   * is made once, by its idempotency key or by a key in its input.
   */
  async #sent(request: HttpRequest, deadline: Deadline): Promise<HttpAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#http.send(request, deadline)
      } catch (error) {
        if (!wasCut(error) || tries >= TRIES_MAX || deadline.remainingMs() < RETRY_MS_MIN) throw error
        await deadline.pause(Math.random() * RETRY_JITTER_MS)
      }
    }
  }

  close(): void {
    this.#http.close()
  }

  /** Returns the board's answer or refusal, with the values that the board gave to the server. */
  #answerIn<Name extends CallName>(answer: HttpAnswer, name: Name): AnswerOf<Name> {
    const { status, headers, body } = answer
    if (headers[VERSION_HEADER] !== undefined) {
      const said = objectIn(body)
      const otherApi = status === 200 || REFUSED.has(status) ? otherApiIn(answer, this.#dsn) : undefined
      if (otherApi) throw otherApi
      if (status === 200) return this.#understood(said, name)
      if (said && 'refusal' in said && isRefusal(said.refusal) && REFUSED.has(status))
        return fromWire({ ok: false, refusal: said.refusal })
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
const TAKES: ReadonlySet<CallName> = new Set(['acquire', 'claim-exclusively', 'look'])

/** Makes a server's calls as one session. A claim whose answer was lost is taken back by its write key. */
export function askOver(client: Client, session: Session, start: () => Deadline): Ask {
  return async (name, input, { deadline = start() } = {}) => {
    try {
      return await client.ask(name, session, input, deadline)
    } catch (error) {
      if (TAKES.has(name)) {
        const { label, nonce } = input as ExclusiveInput
        const what = { label, ...(nonce === undefined ? {} : { nonce }) }
        await client.ask('leave', session, what, Deadline.after(WITHDRAW_MS)).catch(() => {})
      }
      throw error
    }
  }
}

/**
 * What the outbox needs, over HTTP. Each entry is sent as the session that made it, because a user's sessions
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

/** The wait that a server asks for, in milliseconds; undefined if it names none. */
function msUntil({ headers }: HttpAnswer): number | undefined {
  const at = momentToRetry(headers['retry-after'])
  return at && Math.max(0, at.getTime() - Date.now())
}

/** True if the value has the fields of every refusal. */
function isRefusal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { code, message, remedy } = value as Readonly<Record<string, unknown>>
  return [code, message, remedy].every(each => typeof each === 'string')
}

/** Leaves out undefined fields: the server accepts no null for them. */
function withoutGaps(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}
