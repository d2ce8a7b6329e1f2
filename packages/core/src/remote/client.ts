import type { HttpDsn } from '../config/dsn.ts'
import type { Deadline } from '../deadline.ts'
import type { Session } from '../domain/session.ts'
import { isAnswer } from './answers.ts'
import { fromWire, toWire } from './codec.ts'
import { faultIn, momentToRetry, notUnderstood, objectIn, VERSION_HEADER } from './faults.ts'
import { HttpClient } from './http.ts'
import type { HttpAnswer } from './message.ts'
import type { CallerOfAll, Verbs } from './verbs.ts'

/**
 * The statuses of a refusal: something doesn't exist, the board's state forbids it, or the input is invalid.
 */
const REFUSED: ReadonlySet<number> = new Set([404, 409, 422])

const TOO_MANY = 429
/** The time that must be left for a second try after the wait, in milliseconds, including the jitter. */
const RETRY_MS_MIN = 300
const RETRY_JITTER_MS = 100

/** The server must give up a little before the client does, because its answer tells the reason. */
const SHARE_OF_SERVER = 0.9

/** Calls the verbs of a server. */
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
    // The server limits the rate and has not started the call, so it can be sent again after the wait.
    if (waitMs === undefined || waitMs > deadline.remainingMs() - RETRY_MS_MIN)
      return this.#answerIn(answer, verb)
    await deadline.pause(waitMs + Math.random() * RETRY_JITTER_MS)
    return this.#answerIn(await send(), verb)
  }

  close(): void {
    this.#http.close()
  }

  /** Returns the board's answer or refusal, with the values that the board gave to the server. */
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

  /**
   * @throws PresenceError `unreachable` if the answer makes no sense: it tells nothing about the board, so
   *   the call is retried later
   */
  #understood<Verb extends keyof Verbs>(said: object | undefined, verb: Verb): Verbs[Verb]['answer'] {
    const answer = said && fromWire<Verbs[Verb]['answer']>(said)
    if (answer && isAnswer(answer, verb)) return answer
    throw notUnderstood(this.#dsn, verb)
  }
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
