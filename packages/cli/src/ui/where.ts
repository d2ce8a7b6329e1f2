import { lastPart, type Onlooker, oneLine, type Session, whereIs, whereWords } from '@presence/core'
import { inColumns, type Yielding } from './columns.ts'

const HEADING = 'WHERE'

/** Whose terminal it is. */
export interface Reader extends Onlooker {
  readonly id: string
}

/**
 * Where a session works, as short as a column is: `here` in the reader's own worktree, a branch of the reader's repository,
 * `web: main` of another. Empty where it isn't known,
 * and of the reader's own session where that is here.
 */
function whereCell(session: Session, reader: Reader): string {
  const where = whereIs(session, reader)
  if (where === undefined) return ''
  if (where.shares === 'worktree') return session.id === reader.id ? '' : 'here'
  const branch = oneLine(where.branch ?? 'no branch')
  const { repo, folder } = where
  if (repo === undefined) return folder === undefined ? branch : `${branch} (${oneLine(folder)})`
  // Two repositories may have one last name.
  const name = lastPart(repo) === lastPart(reader.place?.repo ?? '') ? repo : lastPart(repo)
  return `${oneLine(name)}: ${branch}`
}

/** The same in words; empty where it isn't known. */
export function whereLine(session: Session, reader: Onlooker): string {
  const where = whereIs(session, reader)
  return where === undefined ? '' : whereWords(where, oneLine)
}

/** A table to which a column is added that tells where sessions work. */
interface Wider {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Whose each row is. */
  readonly sessions: readonly Session[]
  /** Which column it becomes, from 0. */
  readonly at: number
  /** The order in which the columns give way beside it. */
  readonly yielding: readonly Yielding[]
}

/** Undefined where it tells nothing of others, or doesn't fit: then it is what is left out. */
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

/** Where another works, in words; empty of the reader's own session, and where it isn't known. */
export function othersWhere(session: Session | undefined, reader: Reader): string {
  return session === undefined || session.id === reader.id ? '' : whereLine(session, reader)
}
