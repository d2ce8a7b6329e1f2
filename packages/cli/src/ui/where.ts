import type { Session } from '@presence/core'
import { lastPart, type Onlooker, oneLine, whereIs, whereWords } from '@presence/core/internal'
import { inColumns, type Yielding } from './columns.ts'

const HEADING = 'WHERE'

/** The session at whose terminal something is shown. */
export interface Reader extends Onlooker {
  readonly id: string
}

/**
 * Where a session works, short enough for a column: `here` in the reader's own worktree, a branch of the
 * reader's repository, or `web: main` in another one. Empty if it isn't known, and for the reader's own
 * session if that works here.
 */
function whereCell(session: Session, reader: Reader): string {
  const where = whereIs(session, reader)
  if (where === undefined) return ''
  if (where.shares === 'worktree') return session.id === reader.id ? '' : 'here'
  const branch = oneLine(where.branch ?? 'no branch')
  const { repo, folder } = where
  if (repo === undefined) return folder === undefined ? branch : `${branch} (${oneLine(folder)})`
  // Two repositories may end in the same name.
  const name = lastPart(repo) === lastPart(reader.place?.repo ?? '') ? repo : lastPart(repo)
  return `${oneLine(name)}: ${branch}`
}

/** The agent of a session, its user and host, and its branch: `claude-code, ana@laptop, main`. */
export function whoCell(session: Session, reader: Reader): string {
  const { agent, user, host, place, id } = session
  const role = place?.role === undefined ? '' : ` (${oneLine(place.role)})`
  const branch = place?.branch === undefined ? '' : oneLine(place.branch)
  const isHere = whereIs(session, reader)?.shares === 'worktree' && id !== reader.id
  const where = isHere ? `${branch} (here)`.trim() : whereCell(session, reader) || branch
  return [oneLine(agent) + role, `${oneLine(user)}@${oneLine(host)}`, where]
    .filter(part => part !== '')
    .join(', ')
}

/** The same in words; empty if it isn't known. */
export function whereLine(session: Session, reader: Onlooker): string {
  const where = whereIs(session, reader)
  return where === undefined ? '' : whereWords(where, oneLine)
}

/** A table that gets an additional column with where sessions work. */
interface Wider {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The session of each row. */
  readonly sessions: readonly Session[]
  /** The position of the new column, from 0. */
  readonly at: number
  /** The order in which the columns are narrowed if it is shown. */
  readonly yielding: readonly Yielding[]
}

/**
 * Adds the column. Undefined if it says nothing about others or doesn't fit, because it is the least
 * important column.
 */
export function withWhere(
  { headings, rows, sessions, at, yielding }: Wider,
  reader: Reader,
  width: number,
): readonly string[] | undefined {
  const places = sessions.map(session => whereCell(session, reader))
  if (!sessions.some(({ id }, row) => id !== reader.id && places[row] !== '')) return undefined
  const cells = rows.map((row, of) => row.toSpliced(at, 0, places[of] ?? ''))
  return inColumns([headings.toSpliced(at, 0, HEADING), ...cells], yielding, width)
}

/** Where another session works, in words; empty for the reader's own session, and if it isn't known. */
export function othersWhere(session: Session | undefined, reader: Reader): string {
  return session === undefined || session.id === reader.id ? '' : whereLine(session, reader)
}
