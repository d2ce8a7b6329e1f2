import { createMcpHandler, type McpRequestContext } from '@modelcontextprotocol/server'
import { type Board, PresenceError, type Session } from '@presence/core'
import { parseSessionId } from '@presence/core/internal'
import { Pulse } from './pulse.ts'
import { createMcpServer } from './server.ts'
import type { Caller, Speakers } from './session.ts'

/** A call names its session in this header, or as the argument `session_id`. */
const SESSION_HEADER = 'X-Presence-Session'
/** The maximum size of a request body, in bytes. Valid requests are smaller. */
const BODY_MAX = 65_536

export interface HttpSpeaker {
  /**
   * Opens the board as that session.
   * This is the only place that checks whether the caller may speak as the session.
   *
   * @throws PresenceError `invalid_session` if it may not. It becomes the tool's error
   */
  boardAs(session: Session): Promise<Board>
  /** Completes a label as an agent typed it, as the server's config says. */
  complete(label: string): string
}

export interface McpOverHttp {
  fetch(request: Request, speaker: HttpSpeaker): Promise<Response>
  close(): Promise<void>
}

/** MCP over HTTP. Each request is independent, so any server of a board can answer any request. */
export function mcpOverHttp({ version }: { readonly version: string }): McpOverHttp {
  const pulse = new Pulse()
  const handler = createMcpHandler(
    context => createMcpServer({ version, pulse, speakers: speakersOf(context) }),
    { maxRequestBodySize: BODY_MAX },
  )
  return {
    // The SDK only passes `authInfo` through to the callback above, so it carries the speaker.
    fetch: (request, speaker) =>
      handler.fetch(request, { authInfo: { token: '', clientId: '', scopes: [], extra: { speaker } } }),
    close: () => handler.close(),
  }
}

function speakersOf({ authInfo, requestInfo }: McpRequestContext): Speakers {
  const speaker = authInfo?.extra?.['speaker'] as HttpSpeaker
  const header = (name: string) => requestInfo?.headers.get(name) || undefined
  return {
    many: true,
    complete: label => speaker.complete(label),
    lastBeat: () => undefined,
    open: async caller => ({
      board: await speaker.boardAs(sessionOf(caller, header)),
      notes: [],
      // Nothing is kept between calls, so it is unknown whether this caller used the id before.
      isNew: true,
      done: () => {},
    }),
  }
}

function sessionOf(caller: Caller, header: (name: string) => string | undefined): Session {
  const named = header(SESSION_HEADER)
  if (named !== undefined && caller.sessionId !== undefined && named !== caller.sessionId)
    throw new PresenceError(
      'invalid_session',
      `this client is session ${named}, not ${caller.sessionId}`,
      'leave session_id out',
    )
  const id = named ?? caller.sessionId
  if (id === undefined)
    throw new PresenceError(
      'invalid_session',
      'this call does not say which session it is from',
      `send session_id with every call, such as ${drawnFor(caller.client)}, which was generated only for you; or have the client send the header ${SESSION_HEADER}`,
    )
  const parsed = parseSessionId(id, 'session_id')
  if (!parsed.ok) throw new PresenceError('invalid_session', parsed.refusal.message, parsed.refusal.remedy)
  const { role, worktree } = caller
  const place = { ...(role === undefined ? {} : { role }), ...(worktree === undefined ? {} : { worktree }) }
  return {
    id: parsed.value,
    user: short(header('X-Presence-User') ?? 'unknown'),
    host: short(header('X-Presence-Host') ?? 'unknown'),
    agent: short(header('X-Presence-Agent') ?? caller.client ?? 'mcp'),
    place,
  }
}

/**
 * An example id, different for each call. With a fixed example, two agents that use it would be one session.
 */
function drawnFor(client: string | undefined): string {
  const name = (client ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `${name.replaceAll(/^-|-$/g, '').slice(0, 32) || 'agent'}@${crypto.randomUUID().slice(0, 8)}`
}

/**
 * Cuts a text to 64 characters, the length of the shortest of the database columns for user, host and agent.
 */
function short(text: string): string {
  return [...text.toWellFormed()].slice(0, 64).join('')
}
