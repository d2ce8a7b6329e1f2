import { hostname } from 'node:os'
import { type Board, openBoard, PresenceError, projectOf } from '@presence/core'
import {
  checkoutOf,
  type JudgedRole,
  judgeRole,
  placeOf,
  readRoles,
  stateFolder,
} from '@presence/core/internal'
import { findTracker, listTasks } from '@presence/tracker'
import type { Adapter, Payload } from './agents/adapter.ts'
import type { EventName, Here, HookInput, Said, Tasks } from './hook.ts'
import type { Host, OpenOptions, Stamp } from './host.ts'
import { passOn, reportOf } from './probe.ts'
import { validId } from './respond.ts'
import { AgentProcess } from './session/agent-process.ts'
import { exportSession } from './session/env-file.ts'
import { noteLine } from './session/line.ts'
import { isFirst } from './session/once.ts'
import { FileStamp, forgetSession } from './session/stamp.ts'

type Environment = Readonly<Record<string, string | undefined>>

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

/** The agent's own machine: its environment, its folders, and files in the user's state folder. */
export class LocalHost implements Host {
  readonly probe: Host['probe']
  readonly #options: Options
  readonly #state: string
  readonly #agentProcess: AgentProcess

  constructor(options: Options) {
    const { adapter, env } = options
    this.#options = options
    this.#state = stateFolder(env)
    // The parent of a hook is the agent itself, because each shell in between used `exec`.
    const parent = adapter.commandsKnow === 'by-process' ? process.ppid : undefined
    this.#agentProcess = new AgentProcess(this.#state, env['CLAUDE_PID'] ?? parent)
    const probe = env['PRESENCE_PROBE']
    this.probe = probe ? (event, said) => passOn(probe, JSON.stringify(reportOf(event, said))) : undefined
  }

  /** Passes a server's report on to `presence doctor`. */
  passOn(report: string | string[] | undefined): void {
    const probe = this.#options.env['PRESENCE_PROBE']
    if (probe && typeof report === 'string') passOn(probe, report)
  }

  /** Fills in from the environment what the agent left out. */
  complete(input: HookInput): HookInput {
    const { env } = this.#options
    const sessionId = input.sessionId || env['CLAUDE_CODE_SESSION_ID'] || env['CLAUDE_SESSION_ID'] || ''
    return { ...input, sessionId, cwd: input.cwd || env['CLAUDE_PROJECT_DIR'] || process.cwd() }
  }

  sessionOf({ sessionId }: HookInput): string | undefined {
    const { adapter, env } = this.#options
    return this.#agentProcess.session() || givenId(env) || validId(sessionId, adapter.name)
  }

  isFirst({ sessionId }: HookInput, event: EventName, payload: Payload): boolean {
    return isFirst(this.#state, sessionId, event, payload)
  }

  stampOf({ sessionId }: HookInput): Stamp {
    return new FileStamp(this.#state, sessionId, this.#options.taken)
  }

  hereOf({ cwd }: HookInput): Here {
    return { ...placeOf(cwd), host: hostname().split('.')[0] || 'localhost' }
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

  /** Asks for both lists at the same time, because each may take a second. */
  tasks({ cwd }: HookInput): Promise<Tasks> | undefined {
    const tracker = findTracker(this.#options.env, cwd)
    if (!tracker) return undefined
    const ask = (status: 'in_progress' | 'open') => listTasks(tracker, cwd, status)
    return Promise.all([ask('in_progress'), ask('open')]).then(([inProgress, open]) => ({ inProgress, open }))
  }

  open({ cwd }: HookInput, { me, role, onTrouble }: OpenOptions): Promise<Board> {
    const { adapter, env, deadlineMs, signal } = this.#options
    return openBoard({
      env: {
        ...env,
        PRESENCE_AGENT: env['PRESENCE_AGENT'] || adapter.name,
        ...(role === undefined ? {} : { PRESENCE_ROLE: role }),
      },
      cwd,
      deadlineMs,
      ...(signal ? { signal } : {}),
      onTrouble: ({ message, remedy }) => onTrouble(`${message}: ${remedy}`),
      ...(me === undefined ? {} : { session: me }),
    })
  }

  /**
   * Tries both steps. If a folder or file can't be written, the session is still known by the agent's own id.
   */
  begin(_: HookInput, me: string): void {
    for (const step of [() => this.#agentProcess.remember(me), () => exportSession(this.#options.env, me)])
      try {
        step()
      } catch {
        // Ignore: without the file, the session is known by the agent's own id.
      }
  }

  end({ sessionId, because }: HookInput): void {
    forgetSession(this.#state, sessionId)
    if (because !== 'clear') this.#agentProcess.forget()
  }

  explain(error: unknown): string {
    return error instanceof PresenceError ? error.message : `presence failed: ${(error as Error).message}`
  }

  note({ sessionId }: HookInput, me: string | undefined, said: Said): void {
    noteLine(this.#state, sessionId, me, said)
  }
}

/**
 * The id in PRESENCE_SESSION_ID if it was set for this session. Undefined if a hook exported it for the agent
 * that started this one.
 */
function givenId(env: Environment): string | undefined {
  const id = env['PRESENCE_SESSION_ID']
  return id && id !== env['PRESENCE_HOOK_SESSION_ID'] ? id : undefined
}
