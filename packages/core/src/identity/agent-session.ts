import { appendFileSync, lstatSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../config/make-folder.ts'
import { ownText } from '../config/ownership.ts'
import { replaceFile } from '../config/replace-file.ts'
import { isObject, objectIn } from '../domain/object.ts'
import { parseSessionId } from '../domain/session.ts'
import type { ProcessKey } from './processes.ts'
import { sessionFile } from './session-file.ts'

/** The session of an agent, as its hooks recorded it. */
export interface AgentSession {
  readonly agent: string
  /** The agent's own id of the session. */
  readonly id: string
  /** The session's id on the board. */
  readonly session: string
  /**
   * The name of the session's files, if it isn't the agent's own id: another agent, or another process of this
   * agent, has a session of the same id.
   */
  readonly file?: string
  /** The agent's process; undefined without /proc. */
  readonly process?: ProcessKey
  /** The variables that the agent's own environment had: `seenIn`. */
  readonly seen: readonly string[]
  /** Ids that the agent used for this session before, in the same process: `/clear` gives it a new one. */
  readonly before?: readonly string[]
}

/** A process's file is shortened when it is this long. In bytes. */
const LONG_BYTES = 65_536
/** How many sessions of one process are kept when its file is shortened. */
const SESSIONS_MAX = 50

/** The session that an agent knows by this id. The file's name is the id, unless two share it. */
export function agentSessionOf(stateFolder: string, file: string): AgentSession | undefined {
  return sessionFrom(objectIn(ownText(sessionFile(stateFolder, file, 'who')) ?? ''))
}

/** The sessions of an agent's process that have not ended, the latest last. */
export function sessionsIn(stateFolder: string, key: ProcessKey): readonly AgentSession[] {
  const sessions = new Map<string, AgentSession>()
  for (const line of (ownText(processFile(stateFolder, key)) ?? '').split('\n')) {
    const entry = objectIn(line)
    const name = JSON.stringify([entry?.['agent'], entry?.['id']])
    sessions.delete(name)
    const session = entry?.['ended'] ? undefined : sessionFrom(entry)
    if (session) sessions.set(name, session)
  }
  return [...sessions.values()]
}

/** The nearest of these processes that has sessions. */
export function nearestIn(
  stateFolder: string,
  keys: readonly ProcessKey[],
): { readonly key: ProcessKey; readonly sessions: readonly AgentSession[] } | undefined {
  for (const key of keys) {
    const sessions = sessionsIn(stateFolder, key)
    if (sessions.length > 0) return { key, sessions }
  }
  return undefined
}

/**
 * Records a session, for the agent's later hooks, and for commands and servers beneath these processes.
 *
 * @throws if the files can't be written
 */
export function recordSession(
  stateFolder: string,
  session: AgentSession,
  processes: readonly ProcessKey[],
): void {
  const text = JSON.stringify(session)
  const file = sessionFile(stateFolder, session.file ?? session.id, 'who')
  makeFolder(dirname(file))
  if (ownText(file) !== text) replaceOwn(file, text)
  for (const key of processes)
    if (!sessionsIn(stateFolder, key).some(each => JSON.stringify(each) === text))
      append(processFile(stateFolder, key), text)
  for (const key of processes) shorten(stateFolder, key)
}

/** A process of Cursor lives for weeks, and has many conversations. */
function shorten(stateFolder: string, key: ProcessKey): void {
  const file = processFile(stateFolder, key)
  if ((ownText(file)?.length ?? 0) < LONG_BYTES) return
  const lines = sessionsIn(stateFolder, key)
    .slice(-SESSIONS_MAX)
    .map(each => JSON.stringify(each))
  replaceFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
}

/** Removes a session from the records of its processes. */
export function endRecord(
  stateFolder: string,
  { agent, id }: Pick<AgentSession, 'agent' | 'id'>,
  processes: readonly ProcessKey[],
): void {
  for (const key of processes) {
    const file = processFile(stateFolder, key)
    if (!sessionsIn(stateFolder, key).some(each => each.agent === agent && each.id === id)) continue
    append(file, JSON.stringify({ agent, id, ended: true }))
    if (sessionsIn(stateFolder, key).length === 0) rmSync(file, { force: true })
  }
}

function processFile(stateFolder: string, key: ProcessKey): string {
  return join(stateFolder, 'hooks', `process-${key}`)
}

/** One write of one line, because several hooks of a process may record sessions at once. */
function append(file: string, line: string): void {
  if (!isUsable(file)) rmSync(file, { force: true, recursive: true })
  // The newline in front ends a line that a full disk cut.
  appendFileSync(file, `\n${line}\n`, { mode: 0o600 })
}

function replaceOwn(file: string, text: string): void {
  // `replaceFile` would write to the target of a link.
  if (!isUsable(file)) rmSync(file, { force: true, recursive: true })
  replaceFile(file, text, { mode: 0o600 })
}

/** True if there is nothing, or a file that can be read. */
function isUsable(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) === undefined || ownText(file) !== undefined
}

function sessionFrom(entry: Readonly<Record<string, unknown>> | undefined): AgentSession | undefined {
  const { agent, id, session, file, process, seen, before } = entry ?? {}
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
  const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
  if (!isObject(entry) || !isText(agent) || !isText(id) || !isText(session) || !isTexts(seen))
    return undefined
  if (!parseSessionId(session, 'session').ok) return undefined
  return {
    agent,
    id,
    session,
    ...(isText(file) ? { file } : {}),
    ...(isText(process) ? { process } : {}),
    seen,
    ...(isTexts(before) ? { before } : {}),
  }
}
