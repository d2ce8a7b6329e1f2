import {
  type AgentSession,
  agentProcesses,
  agentSessionOf,
  ancestors,
  endRecord,
  fnv1a,
  givenId,
  idIn,
  isRunning,
  nearestIn,
  type ProcessKey,
  recordOf,
  recordSession,
  seenIn,
  sessionsIn,
} from '@presence/core/internal'
import type { HookInput } from '../hook.ts'
import { validId } from '../respond.ts'
import { Cleared } from './cleared.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Events at which the agent continues an earlier session in the same process, under a new id. */
const CONTINUES: ReadonlySet<string | undefined> = new Set(['clear', 'compact'])
const BEFORE_MAX = 8
const BOTH: ReadonlySet<string> = new Set(['claude-code', 'cursor'])

/**
 * The session that a hook belongs to. It is decided by the agent, the agent's own id in the payload, and what
 * this agent's earlier hooks recorded: ids that other agents exported don't count. The record says under which
 * id the session is on the board.
 */
export class AgentSessions {
  readonly #state: string
  readonly #agent: string
  readonly #env: Environment
  readonly #cleared: Cleared
  #found: { readonly session: AgentSession; readonly isRecorded: boolean } | undefined
  #processes: readonly ProcessKey[] = []

  constructor(state: string, agent: string, env: Environment) {
    this.#state = state
    this.#agent = agent
    this.#env = env
    this.#cleared = new Cleared(state, agent, env)
  }

  /** Finds the session of an event. Undefined if the agent doesn't say which session it is, and nothing else does. */
  find(input: HookInput): AgentSession | undefined {
    const id = input.sessionId || this.#ownId()
    if (!id) return undefined
    this.#processes = agentProcesses(this.#state, each => each.agent === this.#agent && each.id === id)
    const recorded = this.#recorded(id)
    const isGiven = !recorded || (input.event === 'SessionStart' && recorded.process !== this.#process)
    const given = isGiven ? this.#given(id, input) : undefined
    const session = recorded && given === undefined ? recorded : this.#fresh(id, given, input)
    if (!session) return undefined
    this.#found = { session, isRecorded: session === recorded }
    return session
  }

  /**
   * Records the session for this process.
   *
   * @throws if the files can't be written
   */
  record(): void {
    if (!this.#found) return
    const { session, isRecorded } = this.#found
    const process = this.#process
    const here =
      process === undefined || process === session.process ? {} : { process, seen: seenIn(this.#env) }
    recordSession(this.#state, { ...session, ...here }, this.#processes)
    if (!isRecorded) for (const id of session.before ?? []) this.#cleared.forget(id)
  }

  /**
   * Ends the session's record. After `/clear`, its successor finds a note of it.
   *
   * @throws if the files can't be written
   */
  end({ because, cwd }: HookInput): void {
    if (!this.#found) return
    const { session, isRecorded } = this.#found
    endRecord(this.#state, session, this.#processes)
    if (because === 'clear') this.#cleared.note(session, this.#processes, { cwd, isRecorded })
  }

  /** The agent's process; undefined if it isn't known. */
  get process(): ProcessKey | undefined {
    return this.#process
  }

  get #process(): ProcessKey | undefined {
    return this.#processes.at(-1)
  }

  /**
   * The session of a payload that doesn't name it: one that is too large, or no JSON. An agent's variable may
   * be another process's, so the record of the process comes first.
   */
  #ownId(): string | undefined {
    const isMine = ({ agent }: AgentSession) => agent === this.#agent
    const processes = agentProcesses(this.#state, isMine)
    const here = nearestIn(this.#state, processes)?.sessions.filter(isMine) ?? []
    if (here.length > 0) return here.length === 1 ? here[0]?.id : undefined
    const id = idIn(this.#agent, this.#env)?.id
    const process = id === undefined ? undefined : recordOf(this.#state, this.#agent, id)?.process
    return process !== undefined && !processes.includes(process) && isRunning(process) ? undefined : id
  }

  #recorded(id: string): AgentSession | undefined {
    for (const key of this.#processes) {
      const here = sessionsIn(this.#state, key).filter(each => each.id === id)
      const own = here.find(({ agent }) => agent === this.#agent)
      if (own) return own
      // Cursor may run Claude Code's hooks beside its own.
      const other = here.find(({ agent }) => BOTH.has(agent) && BOTH.has(this.#agent))
      if (other) return this.#agent === 'cursor' ? { ...other, agent: 'cursor' } : other
    }
    const known = recordOf(this.#state, this.#agent, id)
    return known && this.#isElsewhere(known) ? undefined : known
  }

  /** True if another process of the agent, which is running, has the session. */
  #isElsewhere({ process }: AgentSession): boolean {
    return (
      process !== undefined &&
      this.#processes.length > 0 &&
      !this.#processes.includes(process) &&
      isRunning(process)
    )
  }

  #given(id: string, { event, because }: HookInput): string | undefined {
    // What the agent had in this process before is over.
    const continues = event === 'SessionStart' && because !== undefined && because !== 'startup'
    const others = this.#processes
      .flatMap(key => sessionsIn(this.#state, key))
      .filter(each => each.agent !== this.#agent || (each.id !== id && !continues))
    const above = ancestors().filter(key => !this.#processes.includes(key))
    const all = [...others, ...above.flatMap(key => sessionsIn(this.#state, key))]
    return givenId(this.#env, { agent: this.#agent, id, above: all })
  }

  /** A session that isn't recorded yet. */
  #fresh(id: string, given: string | undefined, input: HookInput): AgentSession | undefined {
    const continued =
      input.event === 'SessionStart' && CONTINUES.has(input.because) ? this.#continued(input) : undefined
    const { file, session } = this.#free(id)
    const own = continued?.session ?? given ?? session
    if (own === undefined) return undefined
    return {
      agent: this.#agent,
      id,
      session: own,
      ...(file === id ? {} : { file }),
      seen: continued?.seen ?? seenIn(this.#env),
      ...(continued ? { before: [continued.id, ...(continued.before ?? [])].slice(0, BEFORE_MAX) } : {}),
    }
  }

  /** The session that this process had until now. */
  #continued({ cwd, sessionId }: HookInput): AgentSession | undefined {
    const cleared = this.#cleared.find(this.#processes, cwd)
    if (cleared) return cleared
    // Its end was not seen: a hook may be killed.
    const here = (nearestIn(this.#state, this.#processes)?.sessions ?? []).filter(
      ({ agent, id }) => agent === this.#agent && id !== sessionId,
    )
    return here.length === 1 ? here[0] : undefined
  }

  /**
   * The session's own id on the board, and the name of its files. Both are the agent's id, unless another agent
   * or another process of this agent has that id.
   */
  #free(id: string): { readonly file: string; readonly session: string | undefined } {
    const session = validId(id, this.#agent)
    const there = agentSessionOf(this.#state, id)
    if (there && there.agent === this.#agent && this.#isElsewhere(there)) {
      const key = fnv1a(this.#process ?? '')
      return { file: `${id}+${key}`, session: validId(`${session}-${key}`, this.#agent) }
    }
    const isAnothers = there
      ? there.agent !== this.#agent
      : ['claude-code', 'codex', 'gemini-cli'].some(
          agent => agent !== this.#agent && idIn(agent, this.#env)?.id === id,
        )
    if (!isAnothers) return { file: id, session }
    return { file: `${this.#agent}+${id}`, session: validId(`${this.#agent}-${session}`, this.#agent) }
  }
}
