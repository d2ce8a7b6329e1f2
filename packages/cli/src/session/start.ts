import { messageJson } from '@presence/core'
import { oneLine, readRoles } from '@presence/core/internal'
import { givenId, openRepository, type Plan, planOf, sessionsAt } from '@presence/worktree'
import { isOfArguments, print, printFault, printWarning } from '../answer.ts'
import { EXIT } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { start, statusOf } from '../running/command.ts'
import { sayOn } from '../running/say.ts'
import { Signals } from '../running/signals.ts'
import { ago } from '../ui/time.ts'
import { askWho } from './ask-who.ts'
import { anchored, anchoredEnvironment, environmentFor } from './environment.ts'
import { printRefused } from './in-repository.ts'
import { type Begun, beginSession, endSession, type Speaker } from './presence.ts'
import { shellLines, showWaiting } from './show.ts'

/** How long the board calls at the end may take, in milliseconds. The run time of the agent doesn't count. */
const END_MS = 2_000

/**
 * Prepares a role's worktree, identity and registration, shows its unread messages, and runs its agent if one
 * is named.
 */
export async function startSession(
  role: string,
  words: readonly string[],
  typed: Globals,
  io: Io,
): Promise<number> {
  const given = anchored(typed, io.cwd)
  // Standard output belongs to the agent.
  const globals = words.length > 0 ? { ...given, json: false } : given
  const say = sayOn(io)
  const signals = words.length > 0 ? new Signals(say) : undefined
  try {
    const rules = await readRoles(io.cwd, io.env)
    const opened = await openRepository(io.cwd, io.env, say)
    if (!opened.ok) return printRefused(opened.refusal, globals, io)
    const planned = await planOf(opened.repository, role, { rules, env: io.env })
    if (!planned.ok) return printRefused(planned.refusal, globals, io)
    const { plan } = planned
    for (const note of plan.notes) io.err(`presence: note: ${oneLine(note)}`)
    const speaker = await speakerOf(plan, globals, io)
    const begun = await beginOrWarn(speaker, globals, io)
    if (typeof begun === 'number') return begun
    if (signals?.interruption.aborted)
      return await ended(speaker, statusOf(signals.interruption.reason), globals, io)
    const [command, ...args] = words
    if (!signals || command === undefined) return printLines(speaker, begun, globals, io)
    const agent = start(command, args, speaker.env, speaker.path)
    if (agent.process) signals.passTo(agent.process)
    const { status, failure } = await agent.ended
    if (failure !== undefined) say(failure)
    return await ended(speaker, status, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true)
  }
}

/**
 * The id that this shell has for the role, otherwise the role's own id. If a session may already work under
 * the role's own id, a new id.
 */
async function speakerOf(plan: Plan, globals: Globals, io: Io): Promise<Speaker> {
  const { role, path } = plan
  const id = givenId(globals.session, role, io.env)
  const sessionId = id ?? (await freeId(plan, globals, io))
  return {
    role,
    path,
    sessionId,
    env: environmentFor(plan, sessionId, anchoredEnvironment(io.env, io.cwd), globals.dsn),
  }
}

/** Two sessions never share an id. If it is unknown whether the id is taken, it counts as taken. */
async function freeId({ role, path, sessionId }: Plan, globals: Globals, io: Io): Promise<string> {
  const present = await askWho({ ...globals, session: sessionId }, io)
  const own = `${sessionId}-${crypto.randomUUID().slice(0, 4)}`
  if (!present.known) return own
  const live = sessionsAt(present, path).filter(
    ({ session, stale }) => !stale && session.place?.role === role,
  )
  const [latest] = live
  if (latest)
    io.err(
      `presence: note: ${oneLine(latest.session.id)} already works as ${role} in ${oneLine(path)}, last seen ${ago(latest.lastSeen, present.asOf)}`,
    )
  return live.some(({ session }) => session.id === sessionId) ? own : sessionId
}

/** @returns the exit status if the session must not start */
async function beginOrWarn(speaker: Speaker, globals: Globals, io: Io): Promise<Begun | undefined | number> {
  try {
    const begun = await beginSession(speaker, globals, io)
    showWaiting(begun, io)
    return begun
  } catch (error) {
    // If the board can't be used, the session starts anyway (G7).
    const spoken = { ...globals, json: false }
    if (globals.strict || isOfArguments(error, globals)) return printFault(error, spoken, io)
    printWarning(error, spoken, io)
    return undefined
  }
}

function printLines(speaker: Speaker, begun: Begun | undefined, globals: Globals, io: Io): number {
  const { role, path, sessionId, env } = speaker
  const lines = shellLines(path, env)
  if (!globals.json) {
    // Never folded, because a shell reads them.
    for (const line of lines) io.out(line)
    io.err(
      `presence: hint: type these lines, or: eval "$(presence session start ${role})"; then start the agent`,
    )
    return EXIT.done
  }
  const messages = begun?.messages.map(messageJson) ?? null
  return print({ lines, json: { role, session_id: sessionId, path, lines, messages } }, globals, io)
}

/**
 * Ends the session after its agent has ended. If the board doesn't answer, the exit status stays the agent's.
 */
async function ended(speaker: Speaker, status: number, globals: Globals, io: Io): Promise<number> {
  try {
    await endSession(speaker, globals, io, END_MS)
  } catch (error) {
    printWarning(error, globals, io)
  }
  return status
}
