import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import { type FaultCode, isFault, type PresenceError } from '@presence/core'
import { moment, plain } from '@presence/core/internal'
import type { Pulse } from './pulse.ts'
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

/** The faults of a board that doesn't answer now, and may answer later. */
const NO_ANSWER: ReadonlySet<FaultCode> = new Set([
  'unreachable',
  'too_slow',
  'too_many_connections',
  'busy',
  'tls_failed',
])

type Arguments = Readonly<Record<string, unknown>>

/**
 * Calls a tool. Faults become tool errors, which an agent reads and acts on, and never an empty answer (G6).
 */
export async function answer(tool: Tool, args: Arguments, around: Around): Promise<CallToolResult> {
  try {
    const opened = await around.speakers.open(callerOf(args, around.client))
    let said: Answer<Record<string, unknown>> | undefined
    try {
      said = await tool.run(callOf(opened, around.context), args)
      if (tool.beats) around.pulse.beat(opened.board.session.id, Date.now())
      const beaten = tool.beats ? [] : await beat(opened, around)
      return resultOf(said, [...opened.notes, ...beaten])
    } finally {
      opened.done(said)
    }
  } catch (error) {
    if (error instanceof BadArguments) return failed(error.message)
    if (isFault(error)) return failed(faultText(error, tool.annotations.readOnlyHint ?? false))
    throw error
  }
}

function callerOf(args: Arguments, client: string | undefined): Caller {
  const text = (name: string) => (typeof args[name] === 'string' ? args[name] : undefined)
  return { sessionId: text('session_id'), role: text('role'), worktree: text('worktree_path'), client }
}

function callOf({ board, isNew, before }: OpenedBoard, { mcpReq }: ServerContext): Call {
  const token = mcpReq._meta?.progressToken
  let steps = 0
  return {
    board,
    me: board.session.id,
    isNew,
    before,
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
    return [...endedNotes(lapsed), ...coClaimNotes(coClaims, { me: board.session, asOf })]
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
  return {
    content: [{ type: 'text', text: [...lines, ...all.map(note => `note: ${note}`)].join('\n') }],
    structuredContent: all.length === 0 ? data : { ...data, notes: all },
  }
}

/**
 * The text of a fault. For an invalid session, it says what to send. If the board rejects the call, it says
 * why. For any other fault, it says since when the board's state has been unknown. It says that the board does
 * not answer only for faults that may pass by themselves: the others must be fixed first.
 */
function faultText({ code, message, remedy, since, queued }: PresenceError, looks: boolean): string {
  if (code === 'invalid_session') return `${plain(message)}; ${plain(remedy)}`
  if (code === 'rejected')
    return `The board rejected the call: ${plain(message)}. Nothing was changed. To fix it: ${plain(remedy)}`
  const state = NO_ANSWER.has(code) ? 'The board does not answer: its state' : "The board's state"
  const unknown = `${state} has been unknown since ${moment(since)} (${plain(message)}).`
  if (queued)
    return `${unknown} Your call is not on the board yet: it is queued, and is delivered when the board answers again. Until then no other session sees it.`
  return `${unknown}${looks ? '' : ' Nothing was granted: treat the call as not done.'} To fix it: ${plain(remedy)}`
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] }
}
