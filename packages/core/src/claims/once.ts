import type { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { type Refused, refuse } from '../domain/refusal.ts'
import type { KeyedCall, Once } from '../store/port/once.ts'
import type { CallContext } from './context.ts'

/** The result of an attempt to make a call. */
export interface Attempt<Answer> {
  readonly answer: Answer
  /** Whether the board has stored what this attempt did. False if it did nothing. */
  readonly isStored: boolean
}

/**
 * Makes a call. If the call has an idempotency key and an earlier attempt made it, returns that attempt's
 * answer. A parallel attempt may be faster: so an attempt that changed nothing looks once more for a stored
 * answer.
 *
 * @param make makes the call; undefined if another attempt was faster
 * @param tell makes the answer from what an earlier attempt stored
 */
export async function onlyOnce<Stored, Answer>(
  context: CallContext,
  deadline: Deadline,
  make: () => Promise<Attempt<Answer> | undefined>,
  tell: (stored: Stored) => Answer | Promise<Answer>,
): Promise<Answer | Refused> {
  const before = await earlierAttempt<Stored>(context, deadline)
  if (before) return 'stored' in before ? tell(before.stored) : before
  const attempt = await make()
  if (attempt?.isStored) return attempt.answer
  const since = await earlierAttempt<Stored>(context, deadline)
  if (since) return 'stored' in since ? tell(since.stored) : since
  if (attempt) return attempt.answer
  throw new PresenceError('busy', 'another attempt of this call is being made', 'send it again')
}

/**
 * What an attempt before this one stored. Undefined if the call has no key, or if no attempt of it did anything.
 * Refused if the key is another call's.
 *
 * @throws PresenceError `unexpected` if the answer was too long to store
 */
export async function earlierAttempt<Stored>(
  { store, once }: Pick<CallContext, 'store' | 'once'>,
  deadline: Deadline,
): Promise<{ readonly stored: Stored; readonly at: Date } | Refused | undefined> {
  if (!once) return undefined
  const made = await store.made(once.key, deadline)
  if (!made) return undefined
  const isSame =
    made.sessionId === once.sessionId && made.name === once.name && made.inputHash === once.inputHash
  if (isSame && made.answer === '') throw tooLong(once.name)
  if (isSame) return { stored: restored<Stored>(made.answer), at: made.at }
  return refuse({
    code: 'invalid_key',
    message: `the idempotency key ${once.key} belongs to another call`,
    remedy: 'send each new call with a new key, and each attempt of one call with the same body',
  })
}

/**
 * The longest answer that is stored, in characters: some 5,000 claims. Servers accept packets of 16 MiB by
 * default, and a longer answer would make the call fail.
 */
const ANSWER_LENGTH_MAX = 2 ** 21

/** The call, with the answer that attempts after this one get: an empty text if it is too long to store. */
export function onceWith(once: KeyedCall, answer: object): Once {
  const text = stored(answer)
  return { ...once, answer: text.length <= ANSWER_LENGTH_MAX ? text : '' }
}

function tooLong(name: string): PresenceError {
  return new PresenceError(
    'unexpected',
    `the call ${name} was made, but its answer was lost on the way and is too long to be stored`,
    'look at the board before you make it again',
  )
}

/** A time in a stored answer. No other object has this key: what people write is only ever a text. */
const TIME = '$time'

function stored(answer: object): string {
  return JSON.stringify(answer, function (this: Readonly<Record<string, unknown>>, key, value) {
    // JSON.stringify has already turned a Date into a text.
    const own = this[key]
    return own instanceof Date ? { [TIME]: own.getTime() } : value
  })
}

function restored<Answer>(text: string): Answer {
  return JSON.parse(text, (_, value) =>
    typeof value === 'object' && value !== null && TIME in value ? new Date(value[TIME]) : value,
  )
}
