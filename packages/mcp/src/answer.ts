import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import { isFault, moment, type PresenceError, plain } from '@presence/core'
import type { Pulse } from './pulse.ts'
import type { Caller, OpenedBoard, Speakers } from './session.ts'
import { type Answer, BadArguments, type Call, type Tool } from './tool.ts'
import { coClaimNotes, endedNotes } from './words.ts'

interface Around {
  readonly speakers: Speakers
  readonly pulse: Pulse
  readonly context: ServerContext
  /** The client's name, where it said one. */
  readonly client: string | undefined
}

type Arguments = Readonly<Record<string, unknown>>

/** Calls a tool. What can't be had is a tool's error, which an agent reads and acts upon: never an empty answer (G6). */
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
      // A client that is gone hears of nothing, and its call ends by its signal.
      mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
    },
  }
}

/**
 * The side effect of every call, once in 120 s: what the session holds lives on, and it is told what befell it. Behind the
 * call's own answer, which its fault would hide: that the beat is queued doesn't say that the call is.
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

/** A fault of the asker's making says what to send; any other, since when nobody knows. */
function faultText({ code, message, remedy, since, queued }: PresenceError, looks: boolean): string {
  if (code === 'invalid_session') return `${plain(message)}; ${plain(remedy)}`
  const unknown = `The board gives no answer: what stands on it is unknown since ${moment(since)} (${plain(message)}).`
  if (queued)
    return `${unknown} What you said is not on it yet: it is queued, and said at the next contact; until then nobody sees it.`
  return `${unknown}${looks ? '' : ' Nothing was granted: take it as not done.'} To mend it: ${plain(remedy)}`
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] }
}
