import type { About } from '../claims/now.ts'
import type { HttpDsn } from '../config/dsn.ts'
import type { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Checked } from '../domain/refusal.ts'
import { oneLine } from '../domain/text.ts'
import type { Identity } from '../identity/resolve.ts'
import { judgeClock } from './clock.ts'
import { broken, brokenBy, type Finding, note, ok } from './finding.ts'

/** Checks a presence server: whether it answers, accepts this session, and reaches its database. */
export async function checkRemote(
  dsn: HttpDsn,
  identity: Checked<Identity>,
  deadline: Deadline,
): Promise<readonly Finding[]> {
  // `checkIdentity` reports an invalid id.
  const session = identity.ok ? identity.value.session : { id: 'doctor', user: '', host: '', agent: 'cli' }
  const { Client } = await import('../remote/client.ts')
  const client = new Client(dsn, [])
  const before = new Date()
  try {
    const about = await client.ask('about', session, {}, deadline)
    return judgeRemote(dsn, about, before, new Date())
  } catch (error) {
    return [unanswered(dsn, error)]
  } finally {
    client.close()
  }
}

function judgeRemote(dsn: HttpDsn, about: About, before: Date, after: Date): readonly Finding[] {
  const [version, board] = [oneLine(about.version), oneLine(about.board)]
  return [
    ok('board', `presence server ${version} at ${dsn.shown} answers, on the board ${board}`),
    judgeToken(dsn),
    judgeClock(about.now, before, after),
  ]
}

function judgeToken({ token, secure, insecure }: HttpDsn): Finding {
  if (token === '') return ok('token', 'the server asks for no token')
  if (!secure && insecure)
    return note(
      'token',
      'accepted; it goes in the clear (insecure=true)',
      'write the DSN with https:// unless you trust the network',
    )
  return ok('token', 'accepted')
}

function unanswered({ token }: HttpDsn, error: unknown): Finding {
  if (!(error instanceof PresenceError) || error.code !== 'access_denied') return brokenBy('board', error)
  return broken('token', `${token === '' ? 'none is given: ' : ''}${error.message}`, error.remedy)
}
