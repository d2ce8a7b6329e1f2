import type { About } from '../claims/now.ts'
import type { HttpDsn, MysqlDsn } from '../config/dsn.ts'
import type { Deadline } from '../deadline.ts'
import type { Session } from '../domain/session.ts'
import type { ServerFacts } from '../store/mysql/facts.ts'
import type { FileFacts } from '../store/sqlite/facts.ts'

// What the doctor asks about a board. Nothing here changes the board. Each function loads its own kind of board
// only.

/** @throws PresenceError if the file exists but can't be opened, or if a closed folder hides whether it exists */
export async function fileFacts(file: string, deadline: Deadline): Promise<FileFacts> {
  const { gatherFacts } = await import('../store/sqlite/facts.ts')
  return gatherFacts(file, deadline)
}

/** @throws PresenceError if the server gives no answer at all */
export async function serverFacts(dsn: MysqlDsn, deadline: Deadline): Promise<ServerFacts> {
  const { gatherFacts } = await import('../store/mysql/facts.ts')
  return gatherFacts(dsn, deadline)
}

/** What a presence server says about itself. */
export interface RemoteFacts {
  readonly about: About
  /** This host's clock before and after the server returned the database's time. */
  readonly before: Date
  readonly after: Date
}

/** @throws PresenceError if the server gives no answer, or doesn't accept the session */
export async function remoteFacts(dsn: HttpDsn, session: Session, deadline: Deadline): Promise<RemoteFacts> {
  const { Client } = await import('../remote/client.ts')
  const client = new Client(dsn, [])
  try {
    const before = new Date()
    const about = await client.ask('about', session, {}, deadline)
    return { about, before, after: new Date() }
  } finally {
    client.close()
  }
}
