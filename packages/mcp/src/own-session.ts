import { statSync } from 'node:fs'
import {
  type Environment,
  makeHeartbeatDue,
  oneLine,
  openBoard,
  PresenceError,
  parseSessionId,
  plain,
  resolveAgentServer,
  type Session,
  sessionFile,
  stateFolder,
} from '@presence/core'
import type { Caller, OpenedBoard, Speakers } from './session.ts'
import { BadArguments } from './tool.ts'

interface OwnOptions {
  readonly env: Environment
  readonly cwd: string
  readonly dsn?: string
  readonly session?: string
}

/**
 * The one session of an agent's process: the same as its hooks', also after the agent gave itself another id. A board is
 * opened for each call and closed behind it: an agent that thinks for an hour keeps no connection.
 */
export class OwnSession implements Speakers {
  readonly many = false
  readonly #options: OwnOptions
  readonly #closing = new Set<Promise<void>>()
  /** As what it has registered: of these it was told who else is there. */
  readonly #registered = new Set<string>()
  #last: string | undefined
  /** The id that a client gave itself, where nothing else says who it is. */
  #named: string | undefined
  /** Its id until it has a name: not that of another process that was started from the same terminal for another client. */
  #drawn: string | undefined
  #role: string | undefined
  #worktree: string | undefined

  constructor(options: OwnOptions) {
    this.#options = options
  }

  async open(caller: Caller): Promise<OpenedBoard> {
    const { dsn, cwd } = this.#options
    if (caller.worktree !== undefined && !isFolder(caller.worktree))
      throw new BadArguments(
        `there is no folder ${plain(caller.worktree)}; send one that is there, or leave it out`,
      )
    const { id: session, agent, isChosen } = this.#session(caller)
    const role = caller.role ?? this.#role
    const worktree = caller.worktree ?? this.#worktree
    const notes: string[] = []
    const board = await openBoard({
      // A client's name for an agent that its environment doesn't know.
      env: this.#env(role, agent === 'cli' ? caller.client : undefined),
      cwd,
      session,
      ...(worktree === undefined ? {} : { worktree }),
      ...(dsn === undefined ? {} : { dsn }),
      onReplay: ({ done, left }) => notes.push(`${done} queued operations were delivered, ${left} are left`),
      onTrouble: ({ message, remedy }) =>
        notes.push(`to be mended on this machine: ${oneLine(message)}: ${oneLine(remedy)}`),
    })
    return {
      board,
      notes,
      isNew: isChosen && !this.#registered.has(session),
      ...(this.#last === undefined || this.#last === session ? {} : { before: this.#last }),
      done: said => {
        if (said) this.#takeOver(caller, session)
        if (said?.changed) makeHeartbeatDue(this.#state, this.#agentSession(session))
        const closing = board.close().catch(() => {})
        this.#closing.add(closing)
        closing.finally(() => this.#closing.delete(closing))
      },
    }
  }

  lastBeat(sessionId: string): number | undefined {
    try {
      return statSync(sessionFile(this.#state, this.#agentSession(sessionId), 'beat')).mtimeMs
    } catch {
      return undefined
    }
  }

  /** Once what still runs after answers has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing)
  }

  /** What a registration says counts once it was answered: after one without an answer the next call speaks as before. */
  #takeOver({ sessionId, role, worktree }: Caller, session: string): void {
    this.#role = role ?? this.#role
    this.#worktree = worktree ?? this.#worktree
    this.#named = sessionId ?? this.#named
    this.#last = session
    if (sessionId !== undefined) this.#registered.add(session)
  }

  /** What is known by other means is not the client's to change: its hooks and commands speak as that. */
  #session({ sessionId }: Caller): Session & { readonly isChosen: boolean } {
    const { session, env } = this.#options
    const known = resolveAgentServer(session, env)
    if (!known.ok) throw new PresenceError('invalid_session', known.refusal.message, known.refusal.remedy)
    const { from, session: found } = known.value
    if (from === 'terminal') {
      this.#drawn ??= `${found.id}-${crypto.randomUUID().slice(0, 6)}`
      const id = sessionId === undefined ? (this.#named ?? this.#drawn) : valid(sessionId)
      return { ...found, id, isChosen: sessionId !== undefined && id !== this.#drawn }
    }
    if (sessionId === undefined || sessionId === found.id) return { ...found, isChosen: false }
    throw new PresenceError(
      'invalid_session',
      `this agent is session ${found.id} (by ${from}), and speaks as no other`,
      'leave session_id out',
    )
  }

  /** Under which id the agent's hooks keep their files. */
  #agentSession(session: string): string {
    return this.#options.env['CLAUDE_CODE_SESSION_ID'] || session
  }

  #env(role: string | undefined, client: string | undefined): Environment {
    const { env } = this.#options
    return {
      ...env,
      ...(role === undefined ? {} : { PRESENCE_ROLE: role }),
      ...(client === undefined ? {} : { PRESENCE_AGENT: client }),
    }
  }

  get #state(): string {
    return stateFolder(this.#options.env)
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
