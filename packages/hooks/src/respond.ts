import { PresenceError } from '@presence/core'
import { fileNameOf } from '@presence/core/internal'
import type { Adapter, Payload } from './agents/adapter.ts'
import { isLapseKey, isNearKey, ownNews } from './context/news.ts'
import { unknownBlock } from './context/unknown.ts'
import { HOOK_EVENTS } from './events/index.ts'
import { gather } from './gather.ts'
import type { EventName, HookInput, HookOutput, Need, Said } from './hook.ts'
import type { Host, Stamp } from './host.ts'
import { harmless } from './probe.ts'
import { tellTo, toldTo } from './subagents.ts'

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
  /** Gives the agent its answer. What the answer says counts as told after that. */
  readonly say?: (output: HookOutput) => void
}

/**
 * The events at which only the first copy of a hook answers, because the others would say the same again.
 * After a tool, the heartbeat's lock already lets only one copy speak. Denying or releasing twice is
 * harmless, while leaving it out might not be.
 */
export const SPOKEN_ONCE: ReadonlySet<EventName> = new Set([
  'SessionStart',
  'SubagentStart',
  'UserPromptSubmit',
])

/** The events at which the agent is told of the board. A subagent's start is not one of the agent itself. */
const TELLS: ReadonlySet<EventName> = new Set(['SessionStart', 'UserPromptSubmit'])

/** What a hook may ask if it doesn't know its session: it must not act as another one. */
const LOOKS: ReadonlySet<Need> = new Set(['list', 'unread', 'tasks'])

/** What is asked only to be told. */
const TOLD: ReadonlySet<Need> = new Set(['unread', 'tasks'])

/** Answers one event: determines the session, asks what the event needs, and writes the answer. */
export async function respond(call: Call): Promise<HookOutput> {
  const { adapter, host } = call
  const input = host.complete(adapter.read(call.payload, call.event))
  const me = host.sessionOf(input)
  if (SPOKEN_ONCE.has(call.event) && !host.isFirst(input, call.event, call.payload)) return {}
  // Before anything that takes time: the session must be known for its process even if the hook runs out of time.
  if (input.event === 'SessionStart' && me !== undefined && !host.probe) host.begin(input, me)
  const stamp = host.stampOf(input)
  const event = HOOK_EVENTS[call.event]
  const hears = adapter.write({ context: ' ' }, call.event, call.name) !== undefined
  const asked = host.probe ? harmless(event.needs(input)) : event.needs(input)
  const needs = asked.filter(need => (hears || !TOLD.has(need)) && (me !== undefined || LOOKS.has(need)))
  const role = SPOKEN_ONCE.has(call.event) ? await host.roleOf(input) : undefined
  const options = {
    me: me ?? '',
    role,
    here: host.hereOf(input),
    hasTracker: host.hasTracker(input),
    taskTools: adapter.taskTools,
    sessionFlag: adapter.namesSession && me !== undefined ? `--session ${me}` : undefined,
    denyTaskTools: call.denyTaskTools,
  }
  try {
    const isTold = hears && TELLS.has(call.event) && me !== undefined && !host.probe
    const before = isTold ? stamp.recall(await host.readerOf(input)) : undefined
    const heard = needs.length === 0 ? {} : await ask(host, input, me, { needs, stamp, role: role?.role })
    const said = { ...heard, before }
    host.probe?.(call.event, said)
    host.note(input, me, said)
    const output = capped(event.answer(input, said, options))
    call.say?.(output)
    if (!host.probe) {
      remember(input, stamp, said, hears, output)
      if (output.toldTasks) host.noteTasks(input, output.toldTasks)
    }
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
  const remedyFor = (error: unknown) => host.remedyFor(error)
  const known = needs.includes('tasks') ? host.tasks(input) : undefined
  const tasks = known ? { tasks: known } : {}
  try {
    await using board = await host.open(input, { me, role, onTrouble: trouble => troubles.push(trouble) })
    return {
      ...(await gather(needs, {
        event: input.event,
        subagent: input.subagent,
        board,
        stamp,
        project,
        explain,
        remedyFor,
      })),
      ...tasks,
      troubles,
    }
  } catch (error) {
    const { since, code } = error instanceof PresenceError ? error : { since: new Date(), code: undefined }
    return {
      others: { known: false, since, reason: explain(error), code, remedy: remedyFor(error) },
      ...tasks,
    }
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
 * @param output its answer, which tells nothing if its prompt was blocked
 */
function remember(
  { subagent }: HookInput,
  stamp: Stamp,
  said: Said,
  hears: boolean,
  { told = [], shown = [], knows }: HookOutput,
): void {
  try {
    if (said.standing?.known) stamp.beat(new Date())
    const news = ownNews(said)
    if (news) {
      const before = toldTo(subagent, stamp)
      const isKnown = (key: string) => before.has(key) || (hears && told.includes(key))
      const earlier = [...before].filter(
        key => (!news.hasLapsed && isLapseKey(key)) || (!news.hasNear && isNearKey(key)),
      )
      if (hears) tellTo(subagent, stamp, news.asOf, [...new Set([...earlier, ...news.keys.filter(isKnown)])])
      // The next event that accepts text must not wait for a heartbeat.
      else if (!news.keys.every(isKnown)) stamp.makeDue()
    }
    if (!hears) return
    stamp.show(shown)
    if (knows) stamp.keep(knows)
  } catch {
    // Ignore: the state folder can't be written, so the next call sends a heartbeat and repeats the news.
  }
}

/**
 * The answer if the board could not be asked. At the events in `SPOKEN_ONCE` it says that the board is
 * unknown, at all others it is empty.
 */
export function unknownSince(event: EventName, since: Date, reason: string, remedy?: string): HookOutput {
  return SPOKEN_ONCE.has(event) ? { context: unknownBlock({ since, reason, remedy }).join('\n') } : {}
}

/**
 * Agents cut a hook's text at 10,000 characters. Cutting here at the end of a line never splits a quoted
 * text.
 */
const CONTEXT_MAX = 9_900

function capped(output: HookOutput): HookOutput {
  if (output.context === undefined || output.context.length <= CONTEXT_MAX) return output
  const { toldTasks: _, ...rest } = output
  return { ...rest, context: cut(output.context) }
}

function cut(text: string): string {
  if (text.length <= CONTEXT_MAX) return text
  const end = text.lastIndexOf('\n', CONTEXT_MAX)
  return text.slice(0, end > 0 ? end : CONTEXT_MAX).toWellFormed()
}

/** The events at which presence adds to the context, refuses a tool, and refuses a prompt. */
const ADDS: ReadonlySet<EventName> = new Set([
  'SessionStart',
  'SubagentStart',
  'UserPromptSubmit',
  'PostToolUse',
  'PostToolUseFailure',
])
const DENIES: ReadonlySet<EventName> = new Set(['PreToolUse', 'PermissionRequest'])
const BLOCKS: ReadonlySet<EventName> = new Set(['UserPromptSubmit'])

/**
 * What a server's answer to a hook says, as far as presence itself would say it at this event. The server may be
 * anybody's: it must not allow a tool, change a tool's input, or stop the agent.
 */
export function heardIn({ adapter, event }: Moment, answer: Payload): HookOutput {
  const { context, deny, block } = adapter.hear(answer)
  return {
    ...(context !== undefined && ADDS.has(event) ? { context: cut(context) } : {}),
    ...(deny !== undefined && DENIES.has(event) ? { deny: cut(deny) } : {}),
    ...(block !== undefined && BLOCKS.has(event) ? { block: cut(block) } : {}),
  }
}

/** An answer in the agent's own form; undefined to print nothing. */
export function inWords({ adapter, event, name }: Moment, output: HookOutput): object | undefined {
  return adapter.write(output, event, name)
}
