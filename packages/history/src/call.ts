import type { Answer, Args } from './format.ts'

/**
 * `fault`: the process was told that the call failed, but the board may have done it. `queued`: like `fault`,
 * and the call is in the outbox. `unknown`: the process ended before it got an answer.
 */
export type Outcome = 'ok' | 'refused' | 'fault' | 'queued' | 'unknown'

/** One call, as its process saw it. */
export interface Call {
  readonly id: string
  readonly process: string
  readonly session: string
  readonly home: string
  readonly verb: string
  readonly args: Args
  readonly label: string | undefined
  readonly start: number
  /** Infinity for a call that never ended. */
  readonly end: number
  readonly outcome: Outcome
  readonly answer: Answer
  /**
   * The earliest moment at which the board can have decided the answer. For a granted wait it is the last
   * recorded look, because the look that took the label came later.
   */
  from: number
  /** The latest moment at which it may still change the board. */
  effectEnd: number
  readonly waits: { readonly at: number; readonly fault: boolean }[]
}
