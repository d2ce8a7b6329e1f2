/**
 * A small language for the tables' columns, keys and indexes. Each table is described once (`claims.ts` and
 * `coordination.ts` beside this file). Each dialect's `schema.ts` turns the descriptions into its own types.
 */

/** The type of a column's values, as the code sees it. SQLite returns a `time` as milliseconds since 1970. */
interface Held {
  readonly text: string
  readonly longText: string
  /** More than 64 KiB on MySQL. */
  readonly hugeText: string
  readonly integer: number
  readonly bigInteger: number
  readonly time: Date
}

export interface Column<Type extends keyof Held = keyof Held, Nullable extends boolean = boolean> {
  readonly type: Type
  readonly nullable: Nullable
  /** For a `text`: the most characters that it can hold. */
  readonly length?: number
  /** The value of rows whose writer doesn't know the column. `now` stands for the time of the write. */
  readonly default?: string | number
}

type Columns = Readonly<Record<string, Column>>

export interface Table<Of extends Columns = Columns> {
  readonly name: string
  readonly columns: Of
  /** The columns of the primary key. */
  readonly key: readonly string[]
  /** The columns of each index, by its name. */
  readonly indexes: Readonly<Record<string, readonly string[]>>
}

/** A table's row as MySQL's driver returns it. */
export type RowOf<Of extends Table> = {
  readonly [Name in keyof Of['columns']]:
    | Held[Of['columns'][Name]['type']]
    | (Of['columns'][Name]['nullable'] extends true ? null : never)
}

/** Describes a table. Its key and its indexes can name only columns that it has. */
export function table<Of extends Columns>(
  name: string,
  columns: Of,
  keys: {
    readonly key: readonly (keyof Of & string)[]
    readonly indexes?: Readonly<Record<string, readonly (keyof Of & string)[]>>
  },
): Table<Of> {
  return { name, columns, indexes: {}, ...keys }
}

// Columns are never null, except those in `nullable`.
export const text = (length: number) => ({ type: 'text', nullable: false, length }) as const
export const longText = { type: 'longText', nullable: false } as const
export const hugeText = { type: 'hugeText', nullable: false } as const
export const integer = { type: 'integer', nullable: false } as const
/** An integer that may exceed 32 bits. */
export const bigInteger = { type: 'bigInteger', nullable: false } as const
/** To the millisecond, in UTC. */
export const time = { type: 'time', nullable: false } as const

export const nullable = <Type extends keyof Held>(column: Column<Type>): Column<Type, true> => ({
  ...column,
  nullable: true,
})

export const withDefault = <Type extends keyof Held, Nullable extends boolean>(
  column: Column<Type, Nullable>,
  value: string | number,
): Column<Type, Nullable> => ({ ...column, default: value })
