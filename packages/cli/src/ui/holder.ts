import { type Claim, idleSince, neverExpires } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { widthOf } from './columns.ts'
import { fold } from './fold.ts'
import { duration, when } from './time.ts'
import { type Reader, whereLine } from './where.ts'

/**
 * One holder of a label on one line, without control characters, because others wrote its text.
 *
 * @param reader the session at whose terminal this is shown. If it is given, the line says whether it is the
 * holder, and otherwise where the holder works
 */
export function holderLine(claim: Claim, asOf: Date, reader?: Reader): string {
  const isMe = claim.session.id === reader?.id
  const where = reader && !isMe ? whereLine(claim.session, reader) : ''
  const { id, user, host } = claim.session
  const left = neverExpires(claim)
    ? 'never expires'
    : `${duration(claim.expiresAt.getTime() - asOf.getTime())} left`
  const since = idleSince(claim, asOf)
  const alone = since ? `, idle for ${duration(asOf.getTime() - since.getTime())}` : ''
  return `${oneLine(id)}${isMe ? ' (me)' : ''} (${oneLine(user)}@${oneLine(host)}${where ? `, ${where}` : ''}): ${oneLine(claim.purpose)}${claim.automatic ? ' (automatic)' : ''}, since ${when(claim.claimedAt, asOf)}, ${left}${alone}${claim.token === undefined ? '' : ', exclusive'}`
}

/** The holders as an indented list, folded on a terminal below their own indent. */
export function holderList(claims: readonly Claim[], asOf: Date, io: Io, reader?: Reader): readonly string[] {
  return claims.flatMap(claim => indented('  - ', holderLine(claim, asOf, reader), io.width))
}

/** A text after a bullet, folded on a terminal with an indent. */
export function indented(bullet: string, text: string, width: number): readonly string[] {
  const columns = widthOf(bullet)
  const folded = fold(text, Math.max(16, width - columns)).split('\n')
  return folded.map((line, at) => (at === 0 ? bullet : ' '.repeat(columns)) + line)
}
