import type { Call } from '../call.ts'
import type { History } from '../history.ts'
import type { Tracks } from '../tracks.ts'

export interface Violation {
  /** What is wrong, in one sentence. */
  readonly message: string
  /** The calls that prove it. */
  readonly proof: readonly Call[]
}

/** The input of a rule. */
export interface Evidence {
  readonly history: History
  readonly tracks: Tracks
}

/** One guarantee of the model, as a check of a whole history. packages/history/README.md describes each. */
export interface Rule {
  readonly name: string
  /** The guarantee of SPEC.md that it belongs to. */
  readonly guarantee: string
  readonly judge: (evidence: Evidence) => Iterable<Violation>
}
