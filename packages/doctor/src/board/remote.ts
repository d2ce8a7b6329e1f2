import { type HttpDsn, oneLine, type RemoteFacts } from '@presence/core/internal'
import { type Finding, note, ok } from '../finding.ts'
import { judgeClock } from './clock.ts'

/** Judges a presence server that answered and accepted this session. */
export function judgeRemote(dsn: HttpDsn, { about, before, after }: RemoteFacts): readonly Finding[] {
  const [version, board] = [oneLine(about.version), oneLine(about.board)]
  return [
    ok('board', `presence server ${version} at ${dsn.shown} answers, on the board ${board}`),
    judgeToken(dsn),
    judgeClock(about.now, before, after),
  ]
}

function judgeToken({ token, secure, insecure }: HttpDsn): Finding {
  if (token === '') return ok('token', 'the server asks for no token')
  if (secure || !insecure) return ok('token', 'accepted')
  return note(
    'token',
    'accepted; it goes in the clear (insecure=true)',
    'write the DSN with https:// unless you trust the network',
  )
}
