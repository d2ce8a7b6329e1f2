import type { Boards } from '@presence/core'

/** What every route may use. */
export interface ServerContext {
  readonly boards: Boards
  /** Of this program, as its documents name it. */
  readonly version: string
}
