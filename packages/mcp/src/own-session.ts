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
  /** As what it has spoken. */
  readonly #spoken = new Set<string>()
  #last: string | undefined
  /** The id that a client gave itself, where nothing else says who it is. */
  #named: string | undefined
  /** What tells this process from another that was started from the same terminal: each serves a client of its own. */
  #suffix: string | undefined
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
    const { id: session, agent } = this.#session(caller)
    this.#role = caller.role ?? this.#role
    this.#worktree = caller.worktree ?? this.#worktree
    const notes: string[] = []
    const board = await openBoard({
      // A client's name for an agent that its environment doesn't know.
      env: this.#env(agent === 'cli' ? caller.client : undefined),
      cwd,
      session,
      ...(this.#worktree === undefined ? {} : { worktree: this.#worktree }),
      ...(dsn === undefined ? {} : { dsn }),
      onReplay: ({ done, left }) => notes.push(`${done} queued operations were delivered, ${left} are left`),
      onTrouble: ({ message, remedy }) =>
        notes.push(`to be mended on this machine: ${oneLine(message)}: ${oneLine(remedy)}`),
    })
    return {
      board,
      notes,
      isNew: session === this.#named && !this.#spoken.has(session),
      ...(this.#last === undefined || this.#last === session ? {} : { before: this.#last }),
      done: said => {
        if (said) this.#spoken.add(session)
        if (said) this.#last = session
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

  /** What is known by other means is not the client's to change: its hooks and commands speak as that. */
  #session({ sessionId }: Caller): Session {
    const { session, env } = this.#options
    const known = resolveAgentServer(session, env)
    if (!known.ok) throw new PresenceError('invalid_session', known.refusal.message, known.refusal.remedy)
    const { from, session: found } = known.value
    if (from === 'terminal') {
      this.#named = sessionId === undefined ? this.#named : valid(sessionId)
      this.#suffix ??= crypto.randomUUID().slice(0, 6)
      return { ...found, id: this.#named ?? `${found.id}-${this.#suffix}` }
    }
    if (sessionId === undefined || sessionId === found.id) return found
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

  #env(client: string | undefined): Environment {
    const { env } = this.#options
    return {
      ...env,
      ...(this.#role === undefined ? {} : { PRESENCE_ROLE: this.#role }),
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
