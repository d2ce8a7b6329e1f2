import { type CoClaim, oneLine } from '@presence/core'
import { ago } from './time.ts'

/** A line for each label that I hold and others hold too: what each side is told at its next call (G1). */
export function coClaimNotes(coClaims: readonly CoClaim[], asOf: Date): readonly string[] {
  return coClaims.map(({ label, others }) => {
    const who = others.map(
      ({ session, purpose, claimedAt, token }) =>
        `${oneLine(session.id)} (${oneLine(purpose)}, since ${ago(claimedAt, asOf)}${token === undefined ? '' : ', exclusive'})`,
    )
    return `${oneLine(label)}, which you hold, is also claimed by ${who.join(', ')}`
  })
}
