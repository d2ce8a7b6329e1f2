import type { ExclusiveOptions } from '../board.ts'
import { Deadline } from '../deadline.ts'
import type { OwnOptions, Steps } from '../steps.ts'
import type { Verbs } from './verbs.ts'

/**
 * How long to try, in milliseconds, to take back a claim that may have been granted although its answer was
 * lost.
 */
const WITHDRAW_MS = 200

/** Calls a verb as the board's session. */
export type Ask = <Verb extends keyof Verbs>(
  verb: Verb,
  input: Verbs[Verb]['input'],
  deadline?: Deadline,
) => Promise<Verbs[Verb]['answer']>

/** The calls behind waiting claims and leases, one request each. */
export function remoteSteps(ask: Ask): Steps {
  const withdrawing = async <T>(label: string, nonce: string, taking: Promise<T>): Promise<T> => {
    try {
      return await taking
    } catch (error) {
      await ask('leave', { label, nonce }, Deadline.after(WITHDRAW_MS)).catch(() => {})
      throw error
    }
  }
  return {
    claim: (label, { writeKey, ...options }) =>
      ask('claim', { label, ...own(options), ...(writeKey === undefined ? {} : { writeKey }) }),
    acquire: (label, options, { again, nonce }) => {
      const input = { label, nonce, ...exclusive(options) }
      return withdrawing(label, nonce, ask(again ? 'claim-exclusively' : 'acquire', input))
    },
    look: (label, options, how) =>
      withdrawing(label, how.nonce, ask('look', { label, ...how, ...exclusive(options) })),
    leave: (label, { withinMs, ...place }) =>
      ask('leave', { label, ...place }, withinMs === undefined ? undefined : Deadline.after(withinMs)),
    verify: (label, token) => ask('verify', { label, token }),
    renew: (label, token) => ask('renew', { label, token }),
    giveBack: (label, token, { nonce }) =>
      ask('give-back', { label, token, ...(nonce === undefined ? {} : { nonce }) }),
  }
}

/** What a claim sends, without the options that only the waiting client uses. */
function own({ purpose, ttl }: OwnOptions): OwnOptions {
  return ttl === undefined ? { purpose } : { purpose, ttl }
}

function exclusive({ overShared = false, ...options }: OwnOptions & Pick<ExclusiveOptions, 'overShared'>) {
  return { ...own(options), overShared }
}
