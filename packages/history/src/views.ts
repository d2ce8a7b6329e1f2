import type { Call } from './call.ts'
import type { Claim } from './format.ts'
import type { History } from './history.ts'
import { CLAIM_VERBS } from './tracks.ts'

/** A part of the board, as one answer shows it: every live claim in that part. */
export interface View {
  readonly call: Call
  /** The latest possible database time of the read. */
  readonly asOf: number
  readonly claims: readonly Claim[]
  /** Whether it shows all live claims of a session on a label. */
  readonly covers: (session: string, label: string) => boolean
}

export function viewsOf(history: History): readonly View[] {
  return history.calls.flatMap(call => viewOf(call, history) ?? [])
}

function viewOf(call: Call, history: History): View | undefined {
  const { verb, session, label, answer, outcome } = call
  if (outcome !== 'ok') return undefined
  const asOf = answer.asOf ?? history.clock.high(call.end)
  if (verb === 'list')
    return {
      call,
      asOf,
      claims: answer.claims ?? [],
      covers: of => call.args.mine !== true || of === session,
    }
  if (verb === 'peek') return { call, asOf, claims: answer.claims ?? [], covers: (_, on) => on === label }
  if (verb === 'heartbeat') return { call, asOf, claims: answer.mine ?? [], covers: of => of === session }
  if (!CLAIM_VERBS.has(verb)) return undefined
  return {
    call,
    asOf,
    claims: answer.others ?? [],
    covers: (of, on) => on === label && of !== session,
  }
}
