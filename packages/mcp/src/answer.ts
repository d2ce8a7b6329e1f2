import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import { type FaultCode, isFault, type PresenceError } from '@presence/core'
import { isUnanswered, moment, needsFix, plain } from '@presence/core/internal'
import type { Pulse } from './pulse.ts'
import { faultRemedy, notClaimed } from './refusals.ts'
import type { Caller, OpenedBoard, Speakers } from './session.ts'
import { type Answer, BadArguments, type Call, type Tool } from './tool.ts'
import { coClaimNotes, endedNotes } from './words.ts'

interface Around {
  readonly speakers: Speakers
  readonly pulse: Pulse
  readonly context: ServerContext
  /** The client's name, if it gave one. */
  readonly client: string | undefined
}

type Arguments = Readonly<Record<string, unknown>>

/**
 * Calls a tool. Faults become tool errors, which an agent reads and acts on, and never an empty answer (G6).
 */
export async function answer(tool: Tool, args: Arguments, around: Around): Promise<CallToolResult> {
  try {
    const opened = await around.speakers.open(callerOf(args, around))
    let said: Answer<Record<string, unknown>> | undefined
    try {
      const { label } = args
      const whole = typeof label === 'string' ? { ...args, label: around.speakers.complete(label) } : args
      said = await tool.run(callOf(opened, around.context, label), whole)
      if (tool.beats) around.pulse.beat(opened.board.session.id, Date.now())
      const beaten = tool.beats ? [] : await beat(opened, around)
      return resultOf(said, [...opened.notes, ...beaten])
    } finally {
      opened.done(said)
    }
  } catch (error) {
    const not = tool.name === 'claim' ? notClaimed(args['label']) : ''
    if (error instanceof BadArguments) return failed(not + error.message)
    if (isFault(error))
      return failed(not + faultText(error, tool.annotations.readOnlyHint ?? false), error.code)
    throw error
  }
}

function callerOf(args: Arguments, { client, context }: Around): Caller {
  const text = (name: string) => (typeof args[name] === 'string' ? args[name] : undefined)
  return {
    sessionId: text('session_id'),
    role: text('role'),
    worktree: text('worktree_path'),
    client,
    meta: context.mcpReq._meta,
  }
}

function callOf({ board, isNew, before }: OpenedBoard, { mcpReq }: ServerContext, typed: unknown): Call {
  const token = mcpReq._meta?.progressToken
  let steps = 0
  return {
    board,
    me: board.session.id,
    isNew,
    before,
    typed: typeof typed === 'string' ? typed : undefined,
    signal: mcpReq.signal,
    progress: message => {
      if (token === undefined) return
      const params = { progressToken: token, progress: ++steps, message }
      // Ignore a failure: it means that the client is gone, and then the call's signal aborts the call.
      mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
    },
  }
}

/**
 * Sends a heartbeat as a side effect of a call, at most once in 120 s, and returns notes on what happened to
 * the session's claims. It runs after the call itself, because a fault of the heartbeat must not hide the
 * call's answer: a queued heartbeat doesn't mean that the call is queued.
 */
async function beat({ board }: OpenedBoard, { speakers, pulse }: Around): Promise<readonly string[]> {
  const { id } = board.session
  const now = Date.now()
  if (!pulse.isDue(id, now, speakers.lastBeat(id))) return []
  pulse.beat(id, now)
  try {
    const { lapsed, coClaims, asOf } = await board.heartbeat()
    return [...endedNotes(lapsed, asOf), ...coClaimNotes(coClaims, { me: board.session, asOf })]
  } catch (error) {
    pulse.forget(id)
    if (isFault(error)) return []
    throw error
  }
}

function resultOf(
  { lines, data, notes = [] }: Answer<Record<string, unknown>>,
  before: readonly string[],
): CallToolResult {
  const all = [...new Set([...before, ...notes])]
  const [first = '', ...rest] = lines
  const text = [first, ...rest, ...all.map(note => `note: ${note}`)]
  return {
    content: [{ type: 'text', text: [first + startOf(text, data), ...text.slice(1)].join('\n') }],
    structuredContent: all.length === 0 ? data : { ...data, notes: all },
  }
}

/** The time from which the durations of a text count, if the text has some and doesn't say it. */
function startOf(text: readonly string[], { as_of: asOf }: Record<string, unknown>): string {
  const counts = text.some(line => / (ago|left)\b/.test(line)) && !text.some(line => line.includes(' UTC'))
  return counts && typeof asOf === 'string' ? ` As of ${moment(new Date(asOf))}:` : ''
}

/**
 * The text of a fault. For an invalid session, it says what to send. If the board rejects the call, it says
 * why. For a fault that may pass, it says since when the board's state has been unknown. It says that the board does
 * not answer only for faults that may pass by themselves: the others must be fixed first.
 */
function faultText(fault: PresenceError, looks: boolean): string {
  const { code, message, since, queued } = fault
  const remedy = faultRemedy(fault)
  if (code === 'invalid_session') return `${plain(message)}; ${plain(remedy)}`
  if (code === 'rejected')
    return `The board rejected the call: ${plain(message)}. Nothing was changed. To fix it: ${plain(remedy)}`
  const state = isUnanswered(fault) ? 'The board does not answer: its state' : "The board's state"
  const unknown = needsFix(fault)
    ? `The board can't be used until this is fixed: ${plain(message)}.`
    : `${state} has been unknown since ${moment(since)} (${plain(message)}).`
  if (queued)
    return `${unknown} Your call is not on the board yet: it is queued, and is delivered when the board answers again. Until then no other session sees it.`
  return `${unknown}${looks ? '' : ' Nothing was granted: treat the call as not done.'} To fix it: ${plain(remedy)}`
}

/** @param code the fault's code, for programs such as the doctor; a model doesn't read it */
function failed(text: string, code?: FaultCode): CallToolResult {
  return {
    isError: true,
    content: [{ type: 'text', text }],
    ...(code === undefined ? {} : { _meta: { 'presence/code': code } }),
  }
}
