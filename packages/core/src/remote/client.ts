import type { HttpDsn } from '../config/dsn.ts'
import type { Deadline } from '../deadline.ts'
import type { Session } from '../domain/session.ts'
import { isAnswer } from './answers.ts'
import { fromWire, toWire } from './codec.ts'
import { faultIn, momentToRetry, notUnderstood, objectIn, VERSION_HEADER } from './faults.ts'
import { type HttpAnswer, HttpClient } from './http.ts'
import type { CallerOfAll, Verbs } from './verbs.ts'

/** By the state of the board, of something that isn't there, by the input. */
const REFUSED: ReadonlySet<number> = new Set([404, 409, 422])

const TOO_MANY = 429
/** What a second try must have left after its wait, in milliseconds; up to so much of it goes to jitter. */
const RETRY_MS_MIN = 300
const RETRY_JITTER_MS = 100

/** The server is to give up a little before the client does: its answer says why. */
const SHARE_OF_SERVER = 0.9

/** Asks a server its verbs. */
export class Client {
  readonly #dsn: HttpDsn
  readonly #http: HttpClient
  readonly #kinds: readonly string[]

  /** @param kinds those that the server may not know */
  constructor(dsn: HttpDsn, kinds: readonly string[]) {
    this.#dsn = dsn
    this.#http = new HttpClient(dsn)
    this.#kinds = kinds
  }

  /** @throws PresenceError */
  async ask<Verb extends keyof Verbs>(
    verb: Verb,
    session: Session,
    input: Verbs[Verb]['input'],
    deadline: Deadline,
  ): Promise<Verbs[Verb]['answer']> {
    const caller: CallerOfAll = {
      session,
      ...(this.#kinds.length === 0 ? {} : { labelKinds: this.#kinds }),
      deadlineMs: Math.round(Math.min(Math.max(deadline.remainingMs() * SHARE_OF_SERVER, 100), 10_000)),
    }
    const json = JSON.stringify(toWire(withoutGaps({ ...input, ...caller })))
    const send = () => this.#http.post(`/api/v1/${verb}`, json, deadline)
    const answer = await send()
    const waitMs = answer.status === TOO_MANY ? msUntil(answer) : undefined
    // It asked for too much: nothing of the call was done, and only this call waits.
    if (waitMs === undefined || waitMs > deadline.remainingMs() - RETRY_MS_MIN)
      return this.#answerIn(answer, verb)
    await deadline.pause(waitMs + Math.random() * RETRY_JITTER_MS)
    return this.#answerIn(await send(), verb)
  }

  close(): void {
    this.#http.close()
  }

  /** An answer of the board, or its refusal: the very values that it gave there. */
  #answerIn<Verb extends keyof Verbs>(answer: HttpAnswer, verb: Verb): Verbs[Verb]['answer'] {
    const { status, headers, body } = answer
    if (headers[VERSION_HEADER] !== undefined) {
      const said = objectIn(body)
      if (status === 200) return this.#understood(said, verb)
      if (said && 'refusal' in said && isRefusal(said.refusal) && REFUSED.has(status))
        return fromWire({ ok: false, refusal: said.refusal })
    }
    throw faultIn(answer, verb, this.#dsn)
  }

  /** @throws PresenceError `unreachable`: what is no answer here tells nothing of the board, and is asked again later */
  #understood<Verb extends keyof Verbs>(said: object | undefined, verb: Verb): Verbs[Verb]['answer'] {
    const answer = said && fromWire<Verbs[Verb]['answer']>(said)
    if (answer && isAnswer(answer, verb)) return answer
    throw notUnderstood(this.#dsn, verb)
  }
}

/** How long it asks to wait, in milliseconds; undefined where it doesn't say. */
function msUntil({ headers }: HttpAnswer): number | undefined {
  const at = momentToRetry(headers['retry-after'])
  return at && Math.max(0, at.getTime() - Date.now())
}

/** Has it what every refusal has? */
function isRefusal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { code, message, remedy } = value as Readonly<Record<string, unknown>>
  return [code, message, remedy].every(each => typeof each === 'string')
}

/** What is left out is not said: a server takes no null for it. */
function withoutGaps(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}
