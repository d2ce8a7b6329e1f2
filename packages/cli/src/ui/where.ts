import { lastPart, type Onlooker, oneLine, type Session, whereIs, whereWords } from '@presence/core'

/** Whose terminal it is. */
export interface Reader extends Onlooker {
  readonly id: string
}

/**
 * Where a session works, as short as a column is: `here` in the reader's own worktree, a branch of the reader's repository,
 * `web: main` of another. Empty where it isn't known,
 * and of the reader's own session where that is here.
 */
export function whereCell(session: Session, reader: Reader): string {
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
