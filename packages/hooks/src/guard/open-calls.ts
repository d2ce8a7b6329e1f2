import { isObject } from '@presence/core/internal'
import { KeptValue } from './kept.ts'

/** The most commands of a session that are waited for. */
const CALLS_MAX = 50
/** How long the end of a command in the background is waited for, in milliseconds: as long as its claim is held. */
const BACKGROUND_MS = 3_600_000

/** A guarded command that was let through and whose end was not seen yet. */
export interface OpenCall {
  readonly callId: string
  readonly subagent?: string | undefined
  /** The command, as a hash: the only thing that tells calls apart if the agent gives them no id. */
  readonly command: string
  /** When it was let through, and until when its end is waited for, in milliseconds. */
  readonly at: number
  readonly until: number
  readonly isBackground?: boolean
  /** What the agent is still to be told with the command's result. */
  readonly note?: string | undefined
}

interface Calls {
  readonly calls: readonly OpenCall[]
}

/**
 * The guarded commands of a session that are running. While there is one, the file is there too, and
 * bin/presence-hook starts Node after each tool of the session; otherwise it doesn't.
 */
export class OpenCalls {
  readonly #file: KeptValue<Calls>

  constructor(state: string, agentSession: string) {
    this.#file = new KeptValue<Calls>(state, agentSession, 'guarded', { empty: { calls: [] }, read: callsIn })
  }

  add(call: OpenCall): void {
    this.#change(call.at, calls => [...calls.filter(each => each.callId !== call.callId), call])
  }

  /** Takes the command with this id; without an id, the first one with this command. Only one caller gets it. */
  take(
    wanted: { readonly callId: string | undefined; readonly command: string },
    now: number,
  ): OpenCall | undefined {
    const isIt = (call: OpenCall) =>
      wanted.callId === undefined ? call.command === wanted.command : call.callId === wanted.callId
    return this.#file.change(before => {
      const found = before.calls.find(isIt)
      return {
        value: kept(
          before,
          before.calls.filter(each => each !== found),
          now,
        ),
        answer: found,
      }
    })
  }

  /** From now on it runs in the background. */
  leave(call: OpenCall, now: number): void {
    this.add({ ...call, isBackground: true, until: now + BACKGROUND_MS, note: undefined })
  }

  /**
   * The agent is given a new prompt. So its own commands are over: those whose end was not seen were interrupted. Those
   * of subagents and those in the background may still run.
   */
  forgetInterrupted(now: number): void {
    this.#change(now, calls =>
      calls.filter(each => each.isBackground === true || each.subagent !== undefined),
    )
  }

  #change(now: number, change: (calls: readonly OpenCall[]) => readonly OpenCall[]): void {
    this.#file.change(before => ({ value: kept(before, change(before.calls), now), answer: undefined }))
  }
}

/** The same value if nothing changes; undefined if no command is waited for. */
function kept(before: Calls, calls: readonly OpenCall[], now: number): Calls | undefined {
  const awaited = calls.filter(({ at, until }) => until > now && at <= now + BACKGROUND_MS).slice(-CALLS_MAX)
  if (awaited.length === 0) return before.calls.length === 0 ? before : undefined
  const isSame =
    awaited.length === before.calls.length && awaited.every((each, at) => each === before.calls[at])
  return isSame ? before : { calls: awaited }
}

function callsIn(value: unknown): Calls | undefined {
  if (!isObject(value) || !Array.isArray(value['calls'])) return undefined
  return { calls: value['calls'].filter(isCall) }
}

function isCall(value: unknown): value is OpenCall {
  return (
    isObject(value) &&
    typeof value['callId'] === 'string' &&
    typeof value['command'] === 'string' &&
    typeof value['at'] === 'number' &&
    typeof value['until'] === 'number' &&
    ['string', 'undefined'].includes(typeof value['note']) &&
    ['string', 'undefined'].includes(typeof value['subagent'])
  )
}
