import type { Call } from '../call.ts'
import type { Claim } from '../format.ts'
import { claimsIn, type History } from '../history.ts'
import { WRITING_VERBS } from '../tracks.ts'
import type { Evidence, Rule, Violation } from './rule.ts'

/**
 * A claim in a read was written by a call of its session and not released since.
 * A refused claim leaves nothing.
 */
export const gone: Rule = {
  name: 'released-is-gone',
  guarantee: 'G2',
  *judge(evidence) {
    const told = new Set<string>()
    for (const call of evidence.history.calls)
      for (const claim of claimsIn(call)) {
        const violation = judge(claim, call, evidence)
        const key = `${claim.session} ${claim.label} ${claim.purpose} ${violation?.message}`
        if (!violation || told.has(key)) continue
        told.add(key)
        yield violation
      }
  },
}

function judge(claim: Claim, read: Call, { history, tracks }: Evidence): Violation | undefined {
  const { label, session, purpose } = claim
  const write = history.call(purpose)
  if (!write || !WRITING_VERBS.has(write.verb) || write.session !== session || write.label !== label)
    return {
      message: `${session} is shown on ${label} for "${purpose}", which it never claimed`,
      proof: [read],
    }
  if (write.start > read.end)
    return { message: `${session} is shown on ${label} before it claimed it`, proof: [read, write] }
  if (write.outcome === 'refused') return refusedButThere(write, read, { history, tracks })
  const release = tracks.releaseBetween(write, label, read.start)
  if (!release || (release.outcome === 'queued' && claim.token !== undefined)) return undefined
  if (mayRestore(history, session, label, release.start, read.end)) return undefined
  return {
    message: `${session} released ${label}, and a later ${read.verb} shows the claim again`,
    proof: [write, release, read],
  }
}

/**
 * A refused claim may have changed the purpose of an earlier claim.
 * Then another call must have written that claim.
 */
function refusedButThere(write: Call, read: Call, { history, tracks }: Evidence): Violation | undefined {
  if (write.end >= read.start) return undefined
  const { label = '', session } = write
  const other = history.calls.some(
    call =>
      call !== write &&
      call.session === session &&
      call.label === label &&
      WRITING_VERBS.has(call.verb) &&
      // Another process of the session may still be claiming the label. Until its call has ended, its write
      // keeps the row, even if the call is refused in the end.
      (call.outcome !== 'refused' || call.end >= read.start) &&
      call.start < read.end &&
      !tracks.releaseBetween(call, label, read.start),
  )
  if (other) return undefined
  return { message: `${session} was refused ${label}, and is shown on it later`, proof: [write, read] }
}

/**
 * At its end an exclusive run restores the shared claim
 * that its session had before, with that claim's purpose.
 */
export function mayRestore(
  { calls }: History,
  session: string,
  label: string,
  from: number,
  until: number,
): boolean {
  return calls.some(
    call =>
      call.verb === 'run' &&
      call.args.exclusive === true &&
      call.session === session &&
      call.label === label &&
      call.start < until &&
      call.effectEnd > from,
  )
}
