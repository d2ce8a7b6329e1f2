import type { FaultCode, Listed, Page, Place, Received, Released, SessionView } from '@presence/core'
import type { JudgedRole } from '@presence/core/internal'
import type { Kept } from '@presence/tracker'
import type { Recalled } from './context/known.ts'

/** The events of an agent's life that presence handles, by Claude Code's names. */
export const EVENTS = [
  'SessionStart',
  'SubagentStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PermissionRequest',
  'PostToolUse',
  'PostToolUseFailure',
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
  /** The agent's id of the subagent that the event is about; undefined for the session's own agent. */
  readonly subagent?: string | undefined
}

/** The answer of a hook; if it is empty, nothing is printed. */
export interface HookOutput {
  /** Facts for the agent's context. */
  readonly context?: string
  /** The keys of what the context says about the session's own claims. */
  readonly told?: readonly string[]
  /** What the session has been told of the tracker's tasks, with this context. */
  readonly toldTasks?: ToldTasks
  /** The messages and lapsed claims of others that the context shows, as keys. */
  readonly shown?: readonly string[]
  /** What the agent knows of the board once it has read the context. */
  readonly knows?: Recalled
  /** Refuses the tool: what to do instead. */
  readonly deny?: string
  /** Lets the agent's person decide whether the tool is used: why. */
  readonly ask?: string
  /** Refuses the prompt: the reason. */
  readonly block?: string
}

/** The board's answer, or since when the board has been unknown. Unknown is never shown as an empty answer (G6). */
export type Heard<T> = { readonly known: true; readonly value: T } | Unknown

/** Why there is no answer. */
export interface Unknown {
  readonly known: false
  readonly since: Date
  readonly reason: string
  /** The fault's code; undefined if it is no fault of the board. */
  readonly code?: FaultCode | undefined
  /** What somebody has to do first, if waiting doesn't help. */
  readonly remedy?: string | undefined
}

/** All answers that an event may need. An answer that the event didn't ask for is undefined. */
export interface Said {
  readonly standing?: Heard<SessionView>
  readonly others?: Heard<Listed>
  readonly released?: Heard<Released | undefined>
  /** The unread messages, to this session or to all sessions, that should be shown now. */
  readonly messages?: Heard<Page<Received>>
  /** Undefined if there is no tracker. */
  readonly tasks?: Tasks
  /** Problems on this machine that did not prevent the answer, one line each. */
  readonly troubles?: readonly string[]
  /** The labels that a command of the agent would change. Only for a sample event of `presence doctor`. */
  readonly guarded?: readonly string[]
  /** The co-claims and lapsed claims that this session was told about before, as keys. */
  readonly told?: ReadonlySet<string>
  /** What this session's agent knows of the board; undefined if that isn't recorded. */
  readonly before?: Recalled | undefined
  /** The lapsed claims of others that this session has been shown often enough, as keys. */
  readonly shownLapsed?: ReadonlySet<string>
}

/** What is known of the tracker's tasks without asking it. */
export interface Tasks extends Kept {
  /** Which tracker's they are. */
  readonly of: string
  readonly now: Date
  /** What the session was told of them before; undefined if nothing, or if it may have lost that. */
  readonly told: ToldTasks | undefined
}

/** What a session was told of the tracker's tasks. */
export interface ToldTasks {
  /** Which tracker's they are: a session may go on in another project. */
  readonly of: string
  /** When the tracker was asked for the tasks that were told last. */
  readonly asked: Date | undefined
  /** A key of each task's state, by the task's id. */
  readonly tasks: Readonly<Record<string, string>>
  /** The numbers of tasks in progress and open. */
  readonly counts: string
  /** Since when the tracker has given no answer, if that was told. */
  readonly silentSince: string | undefined
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
  /** Undefined if it isn't known. */
  readonly user?: string | undefined
}

export interface HookOptions {
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
