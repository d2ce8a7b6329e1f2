import { type Board, openBoard, type Place, projectOf, type Received, type SeenSession } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { faultOf, isUsageFault } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { callMs, openOptions } from '../opening.ts'
import { anchored, anchoredEnvironment } from './environment.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The session that a call is made as, and where it works. */
export interface Speaker {
  readonly role: string
  readonly path: string
  readonly sessionId: string
  readonly env: Environment
  /** Where the session worked, if not here. */
  readonly place?: Place | undefined
}

/** The board's answer when the session began. */
export interface Begun {
  readonly messages: readonly Received[]
  readonly asOf: Date
}

/**
 * Kinds of messages that are shown in full. The others only report sessions that come and go, and are
 * counted.
 */
export const READ_KINDS: readonly string[] = ['MESSAGE', 'STATUS_UPDATE']

/**
 * Registers a session, tells the others, and reads the messages that wait for it.
 * @throws PresenceError if the board doesn't answer
 */
export function beginSession(speaker: Speaker, globals: Globals, io: Io): Promise<Begun> {
  return onBoard(speaker, globals, io, callMs(), async (board, project) => {
    await board.register()
    await tell(board, speaker, project, 'SESSION_START')
    const inbox = await board.messages.inbox({ unreadOnly: true, ...project })
    return inbox.ok ? { messages: inbox.rows, asOf: inbox.asOf } : { messages: [], asOf: new Date() }
  })
}

/**
 * Tells the others that a session has ended, and releases what it holds.
 * @returns the released labels
 */
export function endSession(
  speaker: Speaker,
  globals: Globals,
  io: Io,
  deadlineMs = callMs(),
): Promise<readonly string[]> {
  return onBoard(speaker, globals, io, deadlineMs, async (board, project) => {
    await tell(board, speaker, project, 'SESSION_END')
    const said = await board.deregister()
    return said.ok ? said.released.map(({ label }) => label) : []
  })
}

/**
 * Ends sessions whose folder is gone, each under its own id.
 *
 * @returns the failures, in words
 */
export async function endAll(
  sessions: readonly SeenSession[],
  { role, path }: { readonly role: string; readonly path: string },
  globals: Globals,
  io: Io,
): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { session } of sessions)
    try {
      await endSession({ role, path, sessionId: session.id, env: io.env, place: session.place }, globals, io)
    } catch (error) {
      failed.push(`${oneLine(session.id)} could not be deregistered: ${oneLine(faultOf(error).message)}`)
    }
  return failed
}

async function onBoard<T>(
  { path, sessionId, env }: Speaker,
  globals: Globals,
  io: Io,
  deadlineMs: number,
  work: (board: Board, project: { readonly project?: string }) => Promise<T>,
): Promise<T> {
  const project = await projectOf(path, env)
  await using board = await openBoard({
    ...openOptions(anchored(globals, io.cwd), io),
    env: anchoredEnvironment(env, io.cwd),
    cwd: path,
    session: sessionId,
    deadlineMs,
  })
  return await work(board, project === undefined ? {} : { project })
}

/** A message that can't be sent must not stop a session from beginning or ending. */
async function tell(
  board: Board,
  { role, place = board.session.place }: Speaker,
  project: { readonly project?: string },
  kind: 'SESSION_START' | 'SESSION_END',
): Promise<void> {
  const { branch, worktree } = place ?? {}
  const where = [branch && `branch ${branch}`, worktree && `worktree ${worktree}`].filter(part => part)
  const verb = kind === 'SESSION_START' ? 'has started' : 'has ended'
  try {
    await board.messages.send({
      kind,
      subject: `${role || board.session.id} ${verb}`,
      body: [`${board.session.id} ${verb}`, ...where, `host ${board.session.host}`].join(', '),
      ...project,
    })
  } catch (error) {
    if (isUsageFault(error)) throw error
  }
}
