import { PresenceError } from '@presence/core'
import { fileNameOf } from '@presence/core/internal'
import type { Adapter, Payload } from './agents/adapter.ts'
import { keysOf, lapseKey, unknownBlock } from './context/claims.ts'
import { messagesIn } from './context/messages.ts'
import { HOOK_EVENTS } from './events/index.ts'
import { gather } from './gather.ts'
import type { EventName, HookInput, HookOutput, Need, Said } from './hook.ts'
import type { Host, Stamp } from './host.ts'
import { harmless } from './probe.ts'

/** An event of an agent's life. */
export interface Moment {
  readonly adapter: Adapter
  readonly event: EventName
  /** The agent's own name for it. */
  readonly name: string
}

export interface Call extends Moment {
  readonly payload: Payload
  readonly denyTaskTools: boolean
  readonly host: Host
}

/**
 * The events at which only the first copy of a hook answers, because the others would say the same again.
 * After a tool, the heartbeat's lock already lets only one copy speak. Denying or releasing twice is
 * harmless, while leaving it out might not be.
 */
export const SPOKEN_ONCE: ReadonlySet<EventName> = new Set(['SessionStart', 'UserPromptSubmit'])

/** Answers one event: determines the session, asks what the event needs, and writes the answer. */
export async function respond(call: Call): Promise<HookOutput> {
  const { adapter, host } = call
  const input = host.complete(adapter.read(call.payload, call.event))
  const me = host.sessionOf(input)
  if (SPOKEN_ONCE.has(call.event) && !host.isFirst(input, call.event, call.payload)) return {}
  const stamp = host.stampOf(input)
  const event = HOOK_EVENTS[call.event]
  const hears = adapter.write({ context: ' ' }, call.event, call.name) !== undefined
  const asked = host.probe ? harmless(event.needs(input)) : event.needs(input)
  const needs = hears ? asked : asked.filter(need => need !== 'unread')
  const role = SPOKEN_ONCE.has(call.event) ? await host.roleOf(input) : undefined
  const options = {
    me: me ?? '',
    role,
    here: host.hereOf(input),
    hasTracker: host.hasTracker(input),
    taskTools: adapter.taskTools,
    sessionFlag: adapter.commandsKnow === 'by-words' && me !== undefined ? `--session ${me}` : undefined,
    denyTaskTools: call.denyTaskTools,
  }
  if (input.event === 'SessionStart' && me !== undefined && !host.probe) host.begin(input, me)
  try {
    const said = needs.length === 0 ? {} : await ask(host, input, me, { needs, stamp, role: role?.role })
    host.probe?.(call.event, said)
    host.note(input, me, said)
    const output = capped(event.answer(input, said, options))
    if (!host.probe) remember(stamp, said, hears, output)
    return output
  } finally {
    stamp.unlock()
    if (input.event === 'SessionEnd') host.end(input)
  }
}

interface Questions {
  readonly needs: readonly Need[]
  readonly stamp: Stamp
  /** The role with which the session is registered. */
  readonly role: string | undefined
}

async function ask(
  host: Host,
  input: HookInput,
  me: string | undefined,
  { needs, stamp, role }: Questions,
): Promise<Said> {
  const troubles: string[] = []
  const project = () => host.projectOf(input)
  const explain = (error: unknown) => host.explain(error)
  try {
    await using board = await host.open(input, { me, role, onTrouble: trouble => troubles.push(trouble) })
    const tasks = needs.includes('tasks') ? host.tasks(input) : undefined
    return {
      ...(await gather(needs, { event: input.event, board, stamp, tasks, project, explain })),
      troubles,
    }
  } catch (error) {
    const since = error instanceof PresenceError ? error.since : new Date()
    return { others: { known: false, since, reason: explain(error) } }
  }
}

/**
 * Replaces an id that the board would refuse (a newline, 10,000 characters) with its hash, which is still
 * unique to the agent.
 */
export function validId(id: string, agent: string): string | undefined {
  if (id === '') return undefined
  return /^[A-Za-z0-9][A-Za-z0-9_.@:-]{0,127}$/.test(id) ? id : `${agent}-${fileNameOf(id)}`
}

/**
 * Records what the agent was told. News that can't be told at this event is told at the next event that
 * accepts text. If the state folder can't be written, every call sends a heartbeat and repeats its news,
 * which only costs time.
 *
 * @param hears whether the agent accepts text for its context at this event
 * @param context the text that it was told; empty if its prompt was blocked instead
 */
function remember(
  stamp: Stamp,
  { standing, messages }: Said,
  hears: boolean,
  { context = '' }: HookOutput,
): void {
  try {
    if (standing?.known) {
      const { coClaims, lapsed } = standing.value
      stamp.beat(new Date(), hears ? [...keysOf(coClaims), ...lapsed.map(lapseKey)] : [...stamp.told()])
    }
    if (messages?.known) stamp.show(messagesIn(context, messages.value))
  } catch {
    // Ignore: the state folder can't be written, so the next call sends a heartbeat and repeats the news.
  }
}

/**
 * The answer if the board could not be asked. At the events in `SPOKEN_ONCE` it says that the board is
 * unknown, at all others it is empty.
 */
export function unknownSince(event: EventName, since: Date, reason: string): HookOutput {
  return SPOKEN_ONCE.has(event) ? { context: unknownBlock({ since, reason }).join('\n') } : {}
}

/**
 * Agents cut a hook's text at 10,000 characters. Cutting here at the end of a line never splits a quoted
 * text.
 */
const CONTEXT_MAX = 9_900

function capped(output: HookOutput): HookOutput {
  const { context } = output
  if (context === undefined || context.length <= CONTEXT_MAX) return output
  return { ...output, context: context.slice(0, context.lastIndexOf('\n', CONTEXT_MAX)) }
}

/** An answer in the agent's own form; undefined to print nothing. */
export function inWords({ adapter, event, name }: Moment, output: HookOutput): object | undefined {
  return adapter.write(output, event, name)
}
