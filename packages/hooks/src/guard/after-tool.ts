import { type Board, PresenceError } from '@presence/core'
import type { HookInput } from '../hook.ts'
import type { LocalHost } from '../local-host.ts'
import type { Call } from '../respond.ts'
import { callIdFrom, commandKey } from './call-id.ts'
import { notificationsIn } from './notifications.ts'
import { type OpenCall, OpenCalls } from './open-calls.ts'
import type { Ending } from './tool-call.ts'

type EndCall = Call & { readonly host: LocalHost }

/**
 * Settles the guarded commands that an event says are over. Returns what the agent is still to be told about them.
 * Does nothing for other commands.
 */
export async function settleEnded(call: EndCall): Promise<string | undefined> {
  const { adapter, host, payload, event } = call
  const input = host.complete(adapter.read(payload, event))
  if (input.sessionId === '') return undefined
  const calls = new OpenCalls(host.state, input.sessionId)
  const now = Date.now()
  if (event === 'UserPromptSubmit') {
    await settle(host, input, notified(calls, payload['prompt'], now))
    return undefined
  }
  const given = payload['tool_use_id']
  const callId = typeof given === 'string' && given !== '' ? callIdFrom(given) : undefined
  const found = calls.take({ callId, command: commandKey(adapter.shell(payload)?.command ?? '') }, now)
  if (!found) return undefined
  const ending = adapter.ending(payload, event)
  if (ending?.outcome === 'background') calls.leave(found, now)
  await settle(host, input, [{ call: found, ending }])
  return found.note
}

interface Ended {
  readonly call: OpenCall
  /** Undefined if the command was interrupted or stopped: nobody knows how far it came, so its claim lapses. */
  readonly ending: Ending | undefined
}

/**
 * The commands in the background that a prompt says are over. The agent's own commands are over too: those whose end was
 * not seen were interrupted.
 */
function notified(calls: OpenCalls, prompt: unknown, now: number): readonly Ended[] {
  const told = typeof prompt === 'string' ? notificationsIn(prompt) : []
  if (told.length === 0) calls.forgetInterrupted(now)
  return told.flatMap(({ toolUseId, ending }) => {
    const call = calls.take({ callId: callIdFrom(toolUseId), command: '' }, now)
    return call ? [{ call, ending }] : []
  })
}

/** If the board doesn't answer, the claim lapses as one whose end was not seen. */
async function settle(host: LocalHost, input: HookInput, all: readonly Ended[]): Promise<void> {
  const ended = all.flatMap(({ call, ending }) => (ending ? [{ call, ending }] : []))
  const me = host.sessionOf(input)
  if (ended.length === 0 || me === undefined || host.probe) return
  try {
    await using board: Board = await host.open(input, { me, role: undefined, onTrouble: () => {} })
    for (const { call, ending } of ended) {
      const { outcome, exitStatus } = ending
      await board.settle({
        callId: call.callId,
        outcome,
        ...(exitStatus === undefined ? {} : { exitStatus }),
      })
    }
  } catch (error) {
    if (!(error instanceof PresenceError)) throw error
  }
}
