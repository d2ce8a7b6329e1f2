import { statSync } from 'node:fs'
import { type Environment, openBoard, PresenceError, type Session } from '@presence/core'
import {
  counted,
  labelCompleter,
  makeHeartbeatDue,
  oneLine,
  parseSessionId,
  plain,
  resolveAgentServer,
  type ServedSession,
  safeState,
  sessionFile,
} from '@presence/core/internal'
import type { Caller, OpenedBoard, Speakers } from './session.ts'
import { BadArguments } from './tool.ts'

/** How long each release at the end may take, in milliseconds: an agent kills its servers soon. */
const END_MS = 1_000

interface OwnOptions {
  readonly env: Environment
  readonly cwd: string
  readonly dsn?: string
  readonly session?: string
}

/**
 * The one session of an agent's process. It is the same as that of the agent's hooks, even after the agent
 * changes its id. A board is opened for each call and closed afterwards, so an agent that is idle for an hour
 * keeps no connection.
 */
export class OwnSession implements Speakers {
  readonly many = false
  readonly #options: OwnOptions
  readonly #closing = new Set<Promise<void>>()
  /** The ids that the client has registered. It was already told who else uses them. */
  readonly #registered = new Set<string>()
  #last: string | undefined
  /** The id that the client registered, used if nothing else identifies it. */
  #named: string | undefined
  /**
   * The generated id, used until the client registers one. Other clients' processes in the same terminal have
   * other ids.
   */
  #drawn: string | undefined
  /** The names of the files that the agent's hooks keep for a session. */
  readonly #files = new Map<string, string>()
  /** The claims that were made here, and that the agent's hooks don't release. */
  readonly #claimed: { readonly session: string; readonly label: string }[] = []
  #role: string | undefined
  #worktree: string | undefined

  constructor(options: OwnOptions) {
    this.#options = options
  }

  async open(caller: Caller): Promise<OpenedBoard> {
    const { dsn, cwd } = this.#options
    if (caller.worktree !== undefined && !isFolder(caller.worktree))
      throw new BadArguments(
        `there is no folder ${plain(caller.worktree)}; send an existing one, or leave it out`,
      )
    const { id: session, agent, isChosen, hasHooks } = this.#session(caller)
    const role = caller.role ?? this.#role
    const worktree = caller.worktree ?? this.#worktree
    const notes: string[] = []
    const board = await openBoard({
      // If the environment doesn't identify the agent, use the client's name for it.
      env: this.#env(role, agent === 'cli' ? caller.client : agent),
      cwd,
      session,
      ...(worktree === undefined ? {} : { worktree }),
      ...(dsn === undefined ? {} : { dsn }),
      onReplay: ({ done, left }) =>
        notes.push(`delivered ${counted(done, 'queued operation')}, ${left} left`),
      onTrouble: ({ message, remedy }) =>
        notes.push(`fix this problem on this machine: ${oneLine(message)}: ${oneLine(remedy)}`),
    })
    return {
      board,
      notes,
      isNew: isChosen && !this.#registered.has(session),
      ...(this.#last === undefined || this.#last === session ? {} : { before: this.#last }),
      done: said => {
        if (said) this.#takeOver(caller, session)
        if (said?.changed) makeHeartbeatDue(this.#state, this.#files.get(session) ?? session)
        if (said?.claimed !== undefined && !hasHooks) this.#claimed.push({ session, label: said.claimed })
        const closing = board.close().catch(() => {})
        this.#closing.add(closing)
        closing.finally(() => this.#closing.delete(closing))
      },
    }
  }

  complete(label: string): string {
    const { cwd, env } = this.#options
    return labelCompleter(cwd, env)(label.normalize('NFC'))
  }

  lastBeat(sessionId: string): number | undefined {
    try {
      return statSync(sessionFile(this.#state, this.#files.get(sessionId) ?? sessionId, 'beat')).mtimeMs
    } catch {
      return undefined
    }
  }

  /**
   * Resolves when all boards that are being closed are closed. A board starts to close when its call is
   * answered.
   */
  async settled(): Promise<void> {
    await Promise.all(this.#closing)
  }

  /**
   * Releases what was claimed here for sessions that no hook ends. A session that was named for this server goes
   * on, because a client that is started again continues it: by `--session`, or with `coord_register_presence`,
   * which has its counterpart in `coord_deregister_presence`.
   */
  async end(): Promise<void> {
    if (this.#options.session !== undefined) return
    const left = this.#claimed.filter(({ session }) => !this.#registered.has(session))
    for (const [session, claims] of Map.groupBy(left, each => each.session))
      try {
        await this.#release(session, new Set(claims.map(({ label }) => label)))
      } catch {
        // Ignore: the claims expire.
      }
  }

  async #release(session: string, labels: ReadonlySet<string>): Promise<void> {
    const { dsn, cwd } = this.#options
    const env = this.#env(this.#role, undefined)
    await using board = await openBoard({
      env,
      cwd,
      session,
      ...(dsn === undefined ? {} : { dsn }),
      deadlineMs: END_MS,
    })
    for (const label of labels) await board.release(label)
  }

  /**
   * Applies a registration. Called only when the call was answered: without an answer the next call speaks as
   * before.
   */
  #takeOver({ sessionId, role, worktree }: Caller, session: string): void {
    this.#role = role ?? this.#role
    this.#worktree = worktree ?? this.#worktree
    this.#named = sessionId ?? this.#named
    this.#last = session
    if (sessionId !== undefined) this.#registered.add(session)
  }

  /**
   * The session of a call. A client can't change an id that is known by other means, because its hooks and
   * commands use that id.
   *
   * @throws PresenceError `invalid_session`
   */
  #session({ sessionId, client, meta }: Caller): Session &
    Pick<ServedSession, 'hasHooks'> & {
      readonly isChosen: boolean
    } {
    const { session, env } = this.#options
    const known = resolveAgentServer(session, env, { client, meta })
    if (!known.ok) throw new PresenceError('invalid_session', known.refusal.message, known.refusal.remedy)
    const { from, session: found, file, hasHooks } = known.value
    if (file !== undefined) this.#files.set(found.id, file)
    if (from === 'terminal') {
      this.#drawn ??= `${found.id}-${crypto.randomUUID().slice(0, 6)}`
      const id = sessionId === undefined ? (this.#named ?? this.#drawn) : valid(sessionId)
      return { ...found, id, hasHooks, isChosen: sessionId !== undefined && id !== this.#drawn }
    }
    if (sessionId === undefined || sessionId === found.id) return { ...found, hasHooks, isChosen: false }
    throw new PresenceError(
      'invalid_session',
      `this agent is session ${found.id} (from ${from}), and can't act as another one`,
      'leave session_id out',
    )
  }

  #env(role: string | undefined, agent: string | undefined): Environment {
    const { env } = this.#options
    return {
      ...env,
      ...(role === undefined ? {} : { PRESENCE_ROLE: role }),
      ...(agent === undefined || env['PRESENCE_AGENT'] ? {} : { PRESENCE_AGENT: agent }),
    }
  }

  get #state(): string {
    return safeState(this.#options.env)
  }
}

function valid(id: string): string {
  const parsed = parseSessionId(id, 'session_id')
  if (parsed.ok) return parsed.value
  throw new PresenceError('invalid_session', parsed.refusal.message, parsed.refusal.remedy)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
