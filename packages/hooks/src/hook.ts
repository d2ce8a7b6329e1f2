import type { Listed, Page, Place, Received, Released, SessionView } from '@presence/core'
import type { JudgedRole } from '@presence/core/internal'

/** The events of an agent's life that presence handles, by Claude Code's names. */
export const EVENTS = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PermissionRequest',
  'PostToolUse',
  'Stop',
  'SessionEnd',
] as const
export type EventName = (typeof EVENTS)[number]

/** An event, independent of the agent's protocol. */
export interface HookInput {
  readonly event: EventName
  /** The agent's own id of its session, as given. */
  readonly sessionId: string
  readonly cwd: string
  /**
   * SessionStart: `startup`, `resume`, `clear`, `compact` or `fork`. SessionEnd: the reason, for example
   * `clear`.
   */
  readonly because: string | undefined
  /** The tool that is to be used, or was used. */
  readonly toolName: string | undefined
}

/** The answer of a hook; if it is empty, nothing is printed. */
export interface HookOutput {
  /** Facts for the agent's context. */
  readonly context?: string
  /** Refuses the tool: what to do instead. */
  readonly deny?: string
  /** Refuses the prompt: the reason. */
  readonly block?: string
}

/** The board's answer, or since when the board has been unknown. Unknown is never shown as an empty answer (G6). */
export type Heard<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly since: Date; readonly reason: string }

/** The tracker's tasks: one line each, as the tracker prints them. */
export interface Tasks {
  readonly inProgress: readonly string[]
  readonly open: readonly string[]
}

/** All answers that an event may need. An answer that the event didn't ask for is undefined. */
export interface Said {
  readonly standing?: Heard<SessionView>
  readonly others?: Heard<Listed>
  readonly released?: Heard<Released | undefined>
  /** The unread messages, to this session or to all sessions, that should be shown now. */
  readonly messages?: Heard<Page<Received>>
  /** Undefined if there is no tracker. */
  readonly tasks?: Heard<Tasks>
  /** Problems on this machine that did not prevent the answer, one line each. */
  readonly troubles?: readonly string[]
  /** The co-claims and lapsed claims that this session was told about before, as keys. */
  readonly told?: ReadonlySet<string>
}

/** The questions that may have to be asked before an event can be answered. */
export type Need =
  | 'heartbeat'
  | 'heartbeat-if-due'
  | 'register'
  | 'list'
  | 'unread'
  | 'tasks'
  | 'release'
  | 'deregister'

/**
 * One event: what it needs, and what it then answers. The functions are pure and independent of processes, so
 * the same ones answer an agent's hook that is a command and one that is an HTTP request.
 */
export interface HookEvent {
  needs(input: HookInput): readonly Need[]
  answer(input: HookInput, said: Said, options: HookOptions): HookOutput
}

/** Where a session works, as the board names it. */
export interface Here extends Place {
  readonly host: string
}

interface HookOptions {
  /** The session's id on the board. */
  readonly me: string
  /** Where the session works, and on which host. */
  readonly here: Here
  /**
   * The session's role in this project, and what is wrong with it; undefined if it could not be determined.
   */
  readonly role: JudgedRole | undefined
  /** The project has a tracker that can be asked. */
  readonly hasTracker: boolean
  readonly taskTools: ReadonlySet<string>
  /** The option with which the agent's commands must name the session, if they can't know it otherwise. */
  readonly sessionFlag: string | undefined
  /** Deny the agent's built-in task tools, because tasks belong in the tracker. */
  readonly denyTaskTools: boolean
}
