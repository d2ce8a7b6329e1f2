import { hostname } from 'node:os'
import { type Board, openBoard, PresenceError, projectOf } from '@presence/core'
import {
  type AgentSession,
  checkoutOf,
  forAgent,
  type JudgedRole,
  judgeRole,
  needsFix,
  placeOf,
  readRoles,
  resolveBoard,
  resolveIdentity,
  safeState,
  sessionFile,
} from '@presence/core/internal'
import { currentFolder } from '@presence/process'
import { findTracker, KeptFile, startRefresh, type Tracker } from '@presence/tracker'
import type { Adapter, Payload } from './agents/adapter.ts'
import type { EventName, Here, HookInput, Said, Tasks, ToldTasks } from './hook.ts'
import type { Host, OpenOptions, Stamp } from './host.ts'
import { passOn, reportOf } from './probe.ts'
import { AgentSessions } from './session/agent-session.ts'
import { exportIn } from './session/env-file.ts'
import { exportsOf } from './session/exports.ts'
import { noteLine } from './session/line.ts'
import { locked } from './session/locked.ts'
import { isFirst } from './session/once.ts'
import { FileStamp, forgetSession } from './session/stamp.ts'
import { forgetToldTasks, noteToldTasks, toldTasksOf } from './session/told-tasks.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** How long a hook waits while another one writes the file of exports, in milliseconds. */
const LOCK_MS = 100

interface Options {
  readonly adapter: Adapter
  readonly env: Environment
  /** The launcher holds the heartbeat's lock already. */
  readonly taken: boolean
  /** How long each of the board's answers may take, in milliseconds. */
  readonly deadlineMs: number
  /** Aborts when the hook has run out of time. */
  readonly signal?: AbortSignal
}

/** A session is not recorded at these events: at a subagent's start, an agent may name the subagent. */
const BEGINS_OR_ENDS: ReadonlySet<EventName> = new Set([
  'SessionStart',
  'SubagentStart',
  'Stop',
  'SessionEnd',
])

/** The agent's own machine: its environment, its folders, and files in the user's state folder. */
export class LocalHost implements Host {
  readonly probe: Host['probe']
  readonly #options: Options
  readonly #state: string
  readonly #sessions: AgentSessions
  #session: AgentSession | undefined
  /** The tracker that is to be asked anew, for the next hook. */
  #tracker: Tracker | undefined

  constructor(options: Options) {
    const { adapter, env } = options
    this.#options = options
    this.#state = safeState(env)
    this.#sessions = new AgentSessions(this.#state, adapter.name, env)
    const probe = env['PRESENCE_PROBE']
    this.probe = probe ? (event, said) => passOn(probe, JSON.stringify(reportOf(event, said))) : undefined
  }

  /** The folder of the user's state, with the files of sessions. */
  get state(): string {
    return this.#state
  }

  /** Passes a server's report on to `presence doctor`. */
  passOn(report: string | string[] | undefined): void {
    const probe = this.#options.env['PRESENCE_PROBE']
    if (probe && typeof report === 'string') passOn(probe, report)
  }

  /**
   * Fills in what the agent left out. The id becomes the name of the session's files: the agent's own id, unless
   * another session has the same.
   */
  complete(given: HookInput): HookInput {
    const { env } = this.#options
    const input = { ...given, cwd: given.cwd || env['CLAUDE_PROJECT_DIR'] || currentFolder() }
    this.#session = this.#sessions.find(input)
    return { ...input, sessionId: this.#session ? (this.#session.file ?? this.#session.id) : '' }
  }

  /** Also records a session whose start was not seen, for example because the hooks were installed later. */
  sessionOf({ event }: HookInput): string | undefined {
    if (!this.probe && !BEGINS_OR_ENDS.has(event)) this.#record()
    return this.#session?.session
  }

  isFirst({ sessionId }: HookInput, event: EventName, payload: Payload): boolean {
    return isFirst(this.#state, sessionId, event, payload)
  }

  stampOf({ sessionId }: HookInput): Stamp {
    const { taken, signal } = this.#options
    return new FileStamp(this.#state, sessionId, { taken, isAwaited: () => signal?.aborted !== true })
  }

  async readerOf({ cwd }: HookInput): Promise<string> {
    const board = await resolveBoard(undefined, this.#options.env, cwd).then(
      ({ dsn }) => dsn.shown,
      () => '',
    )
    return JSON.stringify([this.#sessions.process ?? '', board])
  }

  hereOf({ cwd }: HookInput): Here {
    const identity = resolveIdentity(this.#session?.session, this.#options.env)
    const user = identity.ok ? identity.value.session.user : undefined
    return { ...placeOf(cwd), host: hostname().split('.')[0] || 'localhost', user }
  }

  /** Reads only files. A config that can't be read is reported where the board is opened. */
  async roleOf({ cwd }: HookInput): Promise<JudgedRole | undefined> {
    const { env } = this.#options
    try {
      return judgeRole(await readRoles(cwd, env), env, checkoutOf(cwd))
    } catch {
      return undefined
    }
  }

  /** A faulty config file is reported where the board is opened. */
  projectOf({ cwd }: HookInput): Promise<string | undefined> {
    return projectOf(cwd, this.#options.env).catch(() => undefined)
  }

  hasTracker({ cwd }: HookInput): boolean {
    return findTracker(this.#options.env, cwd) !== undefined
  }

  tasks({ cwd, sessionId }: HookInput): Tasks | undefined {
    const { env } = this.#options
    this.#tracker = findTracker(env, cwd)
    if (!this.#tracker) return undefined
    const now = new Date()
    const told = sessionId === '' ? undefined : toldTasksOf(this.#state, sessionId)
    try {
      const file = new KeptFile(this.#tracker, env)
      const kept = file.read(now)
      if (!file.isDue(now, kept)) this.#tracker = undefined
      return { ...kept, of: file.name, now, told }
    } catch {
      // The tracker's folder is gone by now.
      return undefined
    }
  }

  noteTasks({ sessionId }: HookInput, told: ToldTasks): void {
    if (sessionId !== '' && this.#options.signal?.aborted !== true)
      noteToldTasks(this.#state, sessionId, told)
  }

  /**
   * Lets the tracker be asked anew for the next prompt. Called after the answer was printed.
   *
   * @param command the arguments with which Node asks the tracker
   */
  refreshTasks(command: readonly string[]): void {
    if (this.#tracker && !this.probe) startRefresh(this.#tracker, this.#options.env, command)
  }

  open({ cwd, event }: HookInput, { me, role, onTrouble }: OpenOptions): Promise<Board> {
    const { adapter, env, deadlineMs, signal } = this.#options
    return openBoard({
      env: {
        ...env,
        PRESENCE_AGENT: env['PRESENCE_AGENT'] || adapter.name,
        ...(role === undefined ? {} : { PRESENCE_ROLE: role }),
      },
      cwd,
      deadlineMs,
      // What doctor tries is not sent later.
      ...(this.probe ? { outbox: false } : {}),
      // A release is not given up before its own time is over: a board in a file has no outbox to keep it.
      ...(signal && event !== 'SessionEnd' ? { signal } : {}),
      onTrouble: ({ message, remedy }) => onTrouble(`${message}: ${remedy}`),
      // Without an id it only looks, and must not do that as another agent.
      session: me ?? `${adapter.name}-unknown`,
    })
  }

  /**
   * Tries both steps. If a folder or file can't be written, the session is still known by the agent's own id.
   */
  begin(input: HookInput): void {
    this.#record()
    forgetToldTasks(this.#state, input.sessionId)
    // The first prompt follows soon, and doesn't wait for the tracker.
    if (this.#tellsTasks) this.#tracker = findTracker(this.#options.env, input.cwd)
    try {
      this.#export()
    } catch {
      // Ignore: without the file, the session is known by the agent's own id.
    }
  }

  /** False for an agent that accepts no text at a prompt. */
  get #tellsTasks(): boolean {
    return this.#options.adapter.write({ context: ' ' }, 'UserPromptSubmit', 'UserPromptSubmit') !== undefined
  }

  #export(): void {
    const { env } = this.#options
    const [session, file] = [this.#session, env['CLAUDE_ENV_FILE']]
    if (!session || !file) return
    locked(sessionFile(this.#state, file, 'lock'), LOCK_MS, () => exportIn(file, exportsOf(session, env)))
  }

  end(input: HookInput): void {
    try {
      this.#sessions.end(input)
    } catch {
      // Ignore: after `/clear` the session then continues under the agent's new id.
    }
    if (input.sessionId !== '') forgetSession(this.#state, input.sessionId)
  }

  #record(): void {
    try {
      this.#sessions.record()
    } catch {
      // Ignore: without the files, the session is known by the agent's own id.
    }
  }

  explain(error: unknown): string {
    return error instanceof PresenceError
      ? forAgent(error).message
      : `presence failed: ${(error as Error).message}`
  }

  remedyFor(error: unknown): string | undefined {
    return needsFix(error) ? forAgent(error).remedy : undefined
  }

  note({ sessionId }: HookInput, me: string | undefined, said: Said): void {
    noteLine(this.#state, sessionId, me, said)
  }
}
