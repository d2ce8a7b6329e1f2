/** Where two SQL dialects differ, for statements that are otherwise the same in both. */
export interface Terms {
  /** The database's current time, the same value throughout a statement. */
  readonly now: string
  /** The current time, but at least a millisecond after a time that may be NULL. */
  readonly nowAfter: (time: string) => string
  /** The time that many seconds ago. */
  readonly ago: (seconds: number) => string
  /** The time that many seconds from now. */
  readonly after: (seconds: number | string) => string
  /** The names of the functions that return the largest and the smallest of several values. */
  readonly greatest: string
  readonly least: string
  /** The day of a time in UTC: a date, or the number of days since 1970. */
  readonly day: (time: string) => string
  /** The time when an outbox entry was made (`:said_at`), in the database's time; never in the future. */
  readonly saidThen: string
  /** A time in a form that every reader can parse, even if a client wrote an invalid one. */
  readonly time: (column: string) => string
  readonly insertIgnore: string
  /** Ends an INSERT … SELECT of values, so that it writes only on a board with this code's schema. */
  readonly onBoard: string
  /** For WHERE: true on a board with this code's schema. */
  readonly atSchema: string
  /** The columns that every row of a read also carries. */
  readonly header: string
  /** Deletes up to `:rows` rows that match a condition. */
  readonly deleteSome: (table: string, where: string) => string
}
