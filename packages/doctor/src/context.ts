import type { Environment } from '@presence/core'
import type { BoardPlace, Configs, Deadline, Probe } from '@presence/core/internal'
import type { Finding } from './finding.ts'

/** The inputs of the checks. What several of them need is found once, for all. */
export interface Context {
  /** The id that was given for the session. */
  readonly session: string | undefined
  readonly env: Environment
  readonly deadline: Deadline
  readonly configs: Probe<Configs>
  readonly place: Probe<BoardPlace>
}

/** Checks one subject. It changes nothing and ends within the deadline. */
export type Check = (context: Context) => readonly Finding[] | Promise<readonly Finding[]>
