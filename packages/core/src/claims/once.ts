import type { Deadline } from '../deadline.ts'
import { type Refused, refuse } from '../domain/refusal.ts'
import type { KeyedCall, Once } from '../store/port.ts'
import type { CallContext } from './context.ts'

/** What an attempt to make a call answers. */
export interface Attempt<Answer> {
  readonly answer: Answer
  /** Whether the board has stored what this attempt did. False if it did nothing. */
  readonly isStored: boolean
}

/**
 * Makes a call. If it has an idempotency key and an earlier attempt made it, answers what that one answered.
 * The same if an attempt at the same time was faster: an attempt that did nothing looks for it once more.
 *
 * @param tell the answer to what an earlier attempt stored
 */
export async function onlyOnce<Stored, Answer>(
  context: CallContext,
  deadline: Deadline,
  make: () => Promise<Attempt<Answer>>,
  tell: (stored: Stored) => Answer | Promise<Answer>,
): Promise<Answer | Refused> {
  const before = await earlierAttempt<Stored>(context, deadline)
  if (before) return 'stored' in before ? tell(before.stored) : before
  const { answer, isStored } = await make()
  if (isStored) return answer
  const since = await earlierAttempt<Stored>(context, deadline)
  if (!since) return answer
  return 'stored' in since ? tell(since.stored) : since
}

/** Undefined if the call has no key, or if no attempt of it did anything. Refused if the key is another call's. */
async function earlierAttempt<Stored>(
  { store, once }: CallContext,
  deadline: Deadline,
): Promise<{ readonly stored: Stored } | Refused | undefined> {
  if (!once) return undefined
  const made = await store.made(once.key, deadline)
  if (!made) return undefined
  const isSame =
    made.sessionId === once.sessionId && made.name === once.name && made.inputHash === once.inputHash
  if (isSame) return { stored: restored<Stored>(made.answer) }
  return refuse({
    code: 'invalid_key',
    message: `the idempotency key ${once.key} belongs to another call`,
    remedy: 'send each new call with a new key, and each attempt of one call with the same body',
  })
}

/** The call, with the answer that attempts after this one get. */
export function onceWith(once: KeyedCall, answer: object): Once {
  return { ...once, answer: stored(answer) }
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
