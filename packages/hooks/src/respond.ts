import { hostname } from 'node:os'
import {
  checkoutOf,
  fileNameOf,
  type JudgedRole,
  judgeRole,
  openBoard,
  PresenceError,
  placeOf,
  readRoles,
  stateFolder,
} from '@presence/core'
import { findTracker } from '@presence/tracker'
import type { Adapter, Payload } from './agents/adapter.ts'
import type { Arguments } from './arguments.ts'
import { keysOf, lapseKey, unknownBlock } from './context/claims.ts'
import { HOOK_EVENTS } from './events/index.ts'
import { gather } from './gather.ts'
import type { EventName, HookInput, HookOutput, Need, Said } from './hook.ts'
import { harmless, report } from './probe.ts'
import { AgentProcess } from './session/agent-process.ts'
import { exportSession } from './session/env-file.ts'
import { noteLine } from './session/line.ts'
import { isFirst } from './session/once.ts'
import { Stamp } from './session/stamp.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Call {
  readonly adapter: Adapter
  readonly event: EventName
  readonly payload: Payload
  readonly arguments: Arguments
  readonly env: Environment
  /** What the board's answers may take, in milliseconds. */
  readonly deadlineMs: number
}

/**
 * The events of which copies would say the same twice. After a tool the heartbeat's lock decides; to deny or to release a
 * second time does no harm, and not to do it might.
 */
const SPOKEN_ONCE: ReadonlySet<EventName> = new Set(['SessionStart', 'UserPromptSubmit'])

/** Answers one event: finds out who is speaking, asks what the event needs, and has it answered. */
export async function respond(call: Call): Promise<HookOutput> {
  const { adapter, env } = call
  const input = withDefaults(adapter.read(call.payload, call.event), env)
  const state = stateFolder(env)
  // A hook is its agent's child: every shell in between has made way for it.
  const parent = adapter.commandsKnow === 'by-process' ? process.ppid : undefined
  const agentProcess = new AgentProcess(state, env['CLAUDE_PID'] ?? parent)
  const me = agentProcess.session() || givenId(env) || validId(input.sessionId, adapter.name)
  if (SPOKEN_ONCE.has(call.event) && !isFirst(state, input.sessionId, call.event, call.payload)) return {}
  const stamp = new Stamp(state, input.sessionId, call.arguments.taken)
  const event = HOOK_EVENTS[call.event]
  const probe = env['PRESENCE_PROBE']
  const needs = probe ? harmless(event.needs(input)) : event.needs(input)
  const role = SPOKEN_ONCE.has(call.event) ? await judgedRole(input.cwd, env) : undefined
  const options = {
    me: me ?? '',
    role,
    here: { ...placeOf(input.cwd), host: hostname().split('.')[0] || 'localhost' },
    hasTracker: findTracker(env, input.cwd) !== undefined,
    taskTools: adapter.taskTools,
    sessionFlag: adapter.commandsKnow === 'by-words' && me !== undefined ? `--session ${me}` : undefined,
    denyTaskTools: call.arguments.denyTaskTools,
  }
  if (input.event === 'SessionStart' && me !== undefined && !probe) begin(agentProcess, env, me)
  try {
    const said = needs.length === 0 ? {} : await ask(call, input, me, { needs, stamp, role: role?.role })
    if (probe) report(probe, call.event, said)
    noteLine(state, input.sessionId, me, said)
    const output = event.answer(input, said, options)
    if (said.standing?.known) {
      // What the agent has no ear for now it is told at the next moment that it has one.
      const hears = adapter.write({ context: ' ' }, call.event, call.arguments.event) !== undefined
      const { coClaims, lapsed } = said.standing.value
      note(stamp, hears ? [...keysOf(coClaims), ...lapsed.map(lapseKey)] : [...stamp.told()])
    }
    return output
  } finally {
    stamp.giveBack()
    if (input.event === 'SessionEnd') end(input, agentProcess, stamp)
  }
}

interface Questions {
  readonly needs: readonly Need[]
  readonly stamp: Stamp
  /** What the session is registered as. */
  readonly role: string | undefined
}

async function ask(
  call: Call,
  input: HookInput,
  me: string | undefined,
  { needs, stamp, role }: Questions,
): Promise<Said> {
  const { env, adapter, deadlineMs } = call
  const troubles: string[] = []
  try {
    await using board = await openBoard({
      env: {
        ...env,
        PRESENCE_AGENT: env['PRESENCE_AGENT'] || adapter.name,
        ...(role === undefined ? {} : { PRESENCE_ROLE: role }),
      },
      cwd: input.cwd,
      deadlineMs,
      onTrouble: ({ message, remedy }) => troubles.push(`${message}: ${remedy}`),
      ...(me === undefined ? {} : { session: me }),
    })
    const tracker = needs.includes('tasks') ? findTracker(env, input.cwd) : undefined
    const said = await gather(needs, { board, stamp, tracker, cwd: input.cwd, taken: call.arguments.taken })
    return { ...said, troubles }
  } catch (error) {
    const since = error instanceof PresenceError ? error.since : new Date()
    return { others: { known: false, since, reason: (error as Error).message } }
  }
}

/** The session's role, by files alone. A config that can't be read is told of where the board is asked. */
async function judgedRole(cwd: string, env: Environment): Promise<JudgedRole | undefined> {
  try {
    return judgeRole(await readRoles(cwd, env), env, checkoutOf(cwd))
  } catch {
    return undefined
  }
}

/** What an agent left out, its environment may say. */
function withDefaults(input: HookInput, env: Environment): HookInput {
  const sessionId = input.sessionId || env['CLAUDE_CODE_SESSION_ID'] || env['CLAUDE_SESSION_ID'] || ''
  return { ...input, sessionId, cwd: input.cwd || env['CLAUDE_PROJECT_DIR'] || process.cwd() }
}

/** The id that somebody gave this session: not one that a hook exported to the agent which this one was started from. */
function givenId(env: Environment): string | undefined {
  const id = env['PRESENCE_SESSION_ID']
  return id && id !== env['PRESENCE_HOOK_SESSION_ID'] ? id : undefined
}

/** An id that the board would refuse (a newline, 10,000 characters) is still one agent's own: by a hash of it. */
function validId(id: string, agent: string): string | undefined {
  if (id === '') return undefined
  return /^[A-Za-z0-9][A-Za-z0-9_.@:-]{0,127}$/.test(id) ? id : `${agent}-${fileNameOf(id)}`
}

/** A folder or file that can't be written: the session is known by the agent's own id all the same. */
function begin(agentProcess: AgentProcess, env: Environment, me: string): void {
  for (const step of [() => agentProcess.remember(me), () => exportSession(env, me)])
    try {
      step()
    } catch {
      // As said.
    }
}

/** Where the state folder can't be written every call beats, which costs time and nothing else. */
function note(stamp: Stamp, told: readonly string[]): void {
  try {
    stamp.beat(new Date(), told)
  } catch {
    // As said.
  }
}

function end(input: HookInput, agentProcess: AgentProcess, stamp: Stamp): void {
  stamp.forget()
  if (input.because !== 'clear') agentProcess.forget()
}

/** What is said where nothing could be asked at all. */
export function unknownSince(since: Date, reason: string): HookOutput {
  return { context: unknownBlock({ since, reason }).join('\n') }
}
