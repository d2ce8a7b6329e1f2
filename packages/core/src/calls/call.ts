import type { CallContext } from '../claims/context.ts'
import { ownWork } from '../deadline.ts'
import type { QueuedVerb } from '../domain/operation.ts'
import type { Session } from '../domain/session.ts'

/** The kind of value under a key, as far as a reader of the answer depends on it. */
type KindOf<T> = [T] extends [Date]
  ? 'time'
  : [T] extends [true]
    ? 'true'
    : [T] extends [readonly unknown[]]
      ? 'list'
      : [T] extends [object]
        ? 'object'
        : [T] extends [boolean]
          ? 'boolean'
          : [T] extends [number]
            ? 'number'
            : 'string'

type Accepted<Answer> = Answer extends { readonly ok: false } ? never : Answer
type AlwaysIn<Answer> = {
  [Key in keyof Answer]-?: undefined extends Answer[Key] ? never : Key
}[keyof Answer]

/** The keys that every accepted answer has at its top. */
type Kinds<Answer> = { readonly [Key in AlwaysIn<Accepted<Answer>>]: KindOf<Accepted<Answer>[Key]> }

/** The inputs of an outbox entry besides the call's own input. */
export interface Author {
  readonly session: Session
  readonly kinds: readonly string[]
}

/** The outbox entry of a call. Undefined if the board would refuse the input. */
export type Entry = QueuedVerb | undefined

/**
 * Why a call that is sent again, because its answer was lost, changes the board only once:
 * - `stored answer`: the board stores its answer under an idempotency key, for the later attempts.
 * - `key in input`: the board knows a later attempt by the write key, the token or the id in its input.
 * - `same effect`: made twice, it leaves the board as if it was made once.
 */
type Once = 'stored answer' | 'key in input' | 'same effect'

interface Reading {
  /** It only reads. A server aborts its queries if the client disconnects. */
  readonly reads: true
  readonly once?: never
}

interface Changing {
  readonly reads?: never
  readonly once: Once
}

/** One call of the board. */
export type Call<Input, Answer> = (Reading | Changing) & {
  /** Makes the call on a store. */
  readonly run: (context: CallContext, input: Input) => Promise<Answer>
  /** The keys that its answer must have: an answer over HTTP without them is not from this call. */
  readonly answer: Kinds<Answer>
  /**
   * True if it is sent even if the outbox has entries or the circuit breaker is open: a lease or a watch
   * depends on it, and it asks again by itself.
   */
  readonly isDirect?: true
  /**
   * True if it only takes back what the same client wrote, by its write key or token. A server makes it even
   * if the client has already disconnected. It makes no other changing call then.
   */
  readonly takesBack?: true
  /** Makes the entry that the outbox stores if the call can't be delivered. Without it, the call fails. */
  readonly entry?: (input: Input, author: Author) => Entry | Promise<Entry>
}

/** A row of the table. The compiler takes the input and the answer from `run`. */
export function call<Input, Answer>(row: Call<Input, Answer>): Call<Input, Answer> {
  return row
}

type Run<Input, Answer> = Call<Input, Answer>['run']

/** For a call that few processes make: its code is loaded at its first use, outside the call's time. */
export function lazily<Module, Input, Answer>(
  load: () => Promise<Module>,
  pick: (module: Module) => Run<Input, Answer>,
): Run<Input, Answer> {
  return async (context, input) => pick(await ownWork(load))(context, input)
}
