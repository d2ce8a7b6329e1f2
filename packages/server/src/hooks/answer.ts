import type { Boards } from '@presence/core/internal'
import {
  endsByMs,
  inWords,
  type Moment,
  type Payload,
  RESERVE_MS,
  reportOf,
  respond,
  unknownSince,
} from '@presence/hooks'
import { Denied } from '../faults.ts'
import { ServerHost } from './server-host.ts'
import type { Speaker } from './speaker.ts'

interface Call extends Moment {
  readonly payload: Payload
  readonly denyTaskTools: boolean
}

interface Answered {
  /** The answer in the agent's own format. Undefined for an empty answer. */
  readonly said: object | undefined
  /** For a sample call: what the board answered, as JSON in ASCII. */
  readonly report: string | undefined
}

interface Options {
  /** Aborted when the agent stops waiting. */
  readonly signal: AbortSignal
  /** Throws `Denied` if the caller may not act as the session. */
  readonly authorize: (deadlineMs: number) => Promise<void>
}

/**
 * Answers a hook within the hook's time limit, even if the database hangs.
 *
 * @throws Denied if the caller may not act as the session
 */
export async function answer(
  call: Call,
  speaker: Speaker,
  boards: Boards,
  { signal, authorize }: Options,
): Promise<Answered> {
  const { event, name } = call
  let report: string | undefined
  let isLate = false
  const over = new AbortController()
  const endsBy = endsByMs(name) - RESERVE_MS
  const host = new ServerHost({
    ...speaker,
    boards,
    hasTracker: call.denyTaskTools,
    isAwaited: () => !isLate && !signal.aborted,
    deadlineMs: endsBy,
    signal: over.signal,
    probe: speaker.isSample
      ? (...said) => {
          report = ascii(JSON.stringify(reportOf(...said)))
        }
      : undefined,
  })
  const late = () => {
    isLate = true
    over.abort()
    return unknownSince(event, new Date(), 'the server ran out of time')
  }
  const failed = (error: unknown) => {
    if (error instanceof Denied) throw error
    const unknown = host.explain(error)
    if (speaker.isSample) report ??= ascii(JSON.stringify({ event, unknown }))
    return unknownSince(event, new Date(), unknown)
  }
  const work = authorize(endsBy).then(() => respond({ ...call, host }))
  const output = await inTime(endsBy, work.catch(failed), late)
  return { said: inWords(call, output), report }
}

/** The work's result, or `late()` when the time is up. */
async function inTime<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<T>(resolve => {
    timer = setTimeout(() => resolve(late()), ms)
  })
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
