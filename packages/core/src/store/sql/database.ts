import type { Deadline } from '../../deadline.ts'

/** The values of a statement's placeholders: `session_id` for `:session_id`. */
export type Values = Readonly<Record<string, string | number | null>>

/** The rows of a read, and the database's time at that read. */
export interface ReadAt<Row> {
  readonly rows: readonly Row[]
  readonly asOf: Date
}

/**
 * Runs the statements of one dialect. A statement is text with placeholders; a value that it doesn't name is
 * ignored. On a board whose schema this client can't use, no statement changes anything. Every call ends
 * within its deadline, and throws only `PresenceError`.
 */
export interface Database {
  /** Runs one statement by itself. Returns how many rows it affected. */
  write(sql: string, values: Values, deadline: Deadline): Promise<number>
  /** As `write`, and throws if it affected no row because of the board's schema. */
  writeChecked(sql: string, values: Values, deadline: Deadline): Promise<number>
  /**
   * Runs statements so that all of them take effect, or none. Returns how many rows the last one affected.
   *
   * @param orNothing whether none takes effect if the last one affects no row
   */
  transaction(
    statements: readonly string[],
    values: Values,
    deadline: Deadline,
    orNothing?: boolean,
  ): Promise<number>
  /**
   * Runs statements in one transaction with `record.note`, unless it was recorded before. `record.noted` reads
   * what was recorded, with the attempt that did so.
   *
   * @returns whether they took effect in this attempt
   */
  once(
    record: { readonly note: string; readonly noted: string },
    statements: readonly string[],
    values: Values & { readonly attempt: string },
    deadline: Deadline,
  ): Promise<boolean>
  read<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<readonly Row[]>
  /** Reads rows together with the database's current time, even if there are no rows. */
  readAt<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<ReadAt<Row>>
  /** A time as statements expect it. @param ms in milliseconds since 1970 */
  moment(ms: number): string | number
  close(): Promise<void>
}
