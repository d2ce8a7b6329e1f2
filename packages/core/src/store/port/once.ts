/** A call with an idempotency key: it is made once, however often it is sent. */
export interface KeyedCall {
  /** Chosen by the client, the same for each attempt. */
  readonly key: string
  readonly sessionId: string
  readonly name: string
  /** A hash of the input: the key is for this call only. */
  readonly inputHash: string
}

/** A keyed call, and what the attempts after the first one answer. */
export interface Once extends KeyedCall {
  /** JSON. */
  readonly answer: string
}

/** What is stored of a keyed call. */
export interface Made extends Omit<Once, 'key'> {
  /** The database's time when it was made. */
  readonly at: Date
}
