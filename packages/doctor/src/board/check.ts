import { isFault } from '@presence/core'
import { type Dsn, fileFacts, remoteFacts, resolveIdentity, serverFacts } from '@presence/core/internal'
import type { Context } from '../context.ts'
import { broken, brokenBy, type Finding, ok } from '../finding.ts'
import { judgeFile } from './file.ts'
import { judgeRemote } from './remote.ts'
import { judgeServer } from './server.ts'

/**
 * Reports which setting names the board, and checks the board with everything that it depends on: its file and
 * disk, or its server.
 */
export async function checkBoard(context: Context): Promise<readonly Finding[]> {
  const { place, configs } = context
  if ('fault' in place) {
    // `checkConfig` reports a bad config file. It doesn't report a bad password file, which has the same
    // code.
    return 'fault' in configs ? [] : [brokenBy('dsn', place.fault)]
  }
  const { dsn, from } = place.value
  const source = ok(
    'dsn',
    from === 'embedded' ? 'no DSN is set: using the embedded board, a local SQLite file' : `from ${from}`,
  )
  try {
    return [source, ...(await judge(dsn, context))]
  } catch (error) {
    return [source, unanswered(dsn, error)]
  }
}

/** @throws PresenceError if the board doesn't answer, or denies access */
async function judge(dsn: Dsn, { session, env, deadline }: Context): Promise<readonly Finding[]> {
  if (dsn.scheme === 'sqlite') return judgeFile(dsn.file, await fileFacts(dsn.file, deadline))
  if (dsn.scheme === 'mysql') return judgeServer(dsn, await serverFacts(dsn, deadline))
  // `checkIdentity` reports an invalid id.
  const identity = resolveIdentity(session, env)
  const asker = identity.ok ? identity.value.session : { id: 'doctor', user: '', host: '', agent: 'cli' }
  return judgeRemote(dsn, await remoteFacts(dsn, asker, deadline))
}

function unanswered(dsn: Dsn, error: unknown): Finding {
  if (dsn.scheme !== 'http' || !isFault(error) || error.code !== 'access_denied')
    return brokenBy('board', error)
  return broken(
    'token',
    `${dsn.token === '' ? 'none is given: ' : ''}${error.message}`,
    error.remedy,
    error.code,
  )
}
