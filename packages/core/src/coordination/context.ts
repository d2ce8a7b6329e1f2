import type { CallContext } from '../claims/context.ts'
import { ownWork } from '../deadline.ts'
import { type Page, type Position, toCursor } from '../domain/page.ts'
import type { Coordination, Read } from '../store/port/coordination.ts'

/** The part of the store that messages, components, workflows and items are in: loaded at its first use. */
export function coordinationOf({ store }: CallContext): Promise<Coordination> {
  return ownWork(() => store.coordination())
}

/** Makes a page from the rows that were read. There is a next page if one row more than `limit` was read. */
export function pageOf<Row>(
  { rows, asOf }: Read<Row>,
  limit: number,
  positionOf: (row: Row) => Position,
): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { rows: shown, next: last && rows.length > limit ? toCursor(positionOf(last)) : undefined, asOf }
}
