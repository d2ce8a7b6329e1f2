import type { Deadline } from '../../deadline.ts'

export type Values = Readonly<Record<string, string | number | null>>

/** Where two dialects of SQL differ, for statements that are otherwise the same in both. */
export interface Terms {
  /** The database's now, one value throughout a statement. */
  readonly now: string
  /** The moment so many seconds before now. */
  readonly ago: (seconds: number) => string
  /** When a queued operation was said (`:said_at`), in the database's time: never in the future. */
  readonly saidThen: string
  /** A time as every reader can read it, whatever a client wrote. */
  readonly time: (column: string) => string
  readonly insertIgnore: string
  /** Ends an INSERT … SELECT of values, so that it writes on a board of this code's schema only. */
  readonly onBoard: string
  /** For WHERE: on a board of this code's schema. */
  readonly atSchema: string
  /** Carried by every row that is read. */
  readonly header: string
  /** Deletes so many of the rows that a condition is true of. */
  readonly deleteSome: (table: string, where: string) => string
}

/** What the statements of this folder are run by. */
export interface Engine {
  readonly terms: Terms
  /** @returns how many rows it affected. @throws PresenceError where it affected none on a board of another schema */
  write(sql: string, values: Values, deadline: Deadline): Promise<number>
  /** Statements of which all have their effect, or none. */
  transaction(sql: readonly string[], values: Values, deadline: Deadline): Promise<void>
  readAt<Row extends object>(
    sql: string,
    values: Values,
    deadline: Deadline,
  ): Promise<{ readonly rows: readonly Row[]; readonly asOf: Date }>
  /** A moment as its statements take it. */
  moment(ms: number): string | number
}
