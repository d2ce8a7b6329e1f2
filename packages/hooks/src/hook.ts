import type { JudgedRole, Listed, Page, Place, Received, Released, Standing } from '@presence/core'

/** The moments of an agent's life that matter here, by Claude Code's names. */
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

/** What an agent says of a moment, in no agent's own words. */
export interface HookInput {
  readonly event: EventName
  /** The agent's own id of its session, as given. */
  readonly sessionId: string
  readonly cwd: string
  /** SessionStart: `startup`, `resume`, `clear`, `compact`, `fork`. SessionEnd: why, for instance `clear`. */
  readonly because: string | undefined
  /** The tool that is to be used, or was. */
  readonly toolName: string | undefined
}

/** What a hook has to say; an empty one says nothing. */
export interface HookOutput {
  /** Facts for the agent's context. */
  readonly context?: string
  /** The tool is not to be used, and this is what to do instead. */
  readonly deny?: string
  /** The prompt is not to be taken, and this is why. */
  readonly block?: string
}

/** What the board answered, or since when nobody knows. Unknown is never empty (G6). */
export type Heard<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly since: Date; readonly reason: string }

/** What the tracker said of its tasks: a line each, as printed. */
export interface Tasks {
  readonly inProgress: readonly string[]
  readonly open: readonly string[]
}

/** Everything that an event may need to know. What it didn't ask for is undefined. */
export interface Said {
  readonly standing?: Heard<Standing>
  readonly others?: Heard<Listed>
  readonly released?: Heard<Released | undefined>
  /** What was said to this session, or to all, what it hasn't read, and what it is to be shown. */
  readonly messages?: Heard<Page<Received>>
  /** Undefined where there is no tracker. */
  readonly tasks?: Heard<Tasks>
  /** What is to be mended here and kept nothing from being asked: a line each. */
  readonly troubles?: readonly string[]
  /** Where others hold what I hold: the pairs that this session was told of before. */
  readonly told?: ReadonlySet<string>
}

/** What to ask before an event can be answered. */
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
 * One event: what it needs, and what it then says. Pure, and knows nothing of processes: the same functions answer an
 * agent's command and its request over HTTP.
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
  /** Who is speaking on the board. */
  readonly me: string
  /** Where the session works, and on which host. */
  readonly here: Here
  /** The session's role in this project, and what is wrong with it; undefined where nobody looked. */
  readonly role: JudgedRole | undefined
  /** A project whose tracker can be asked. */
  readonly hasTracker: boolean
  readonly taskTools: ReadonlySet<string>
  /** How the agent's commands are to name the session, where they can't know it. */
  readonly sessionFlag: string | undefined
  /** Deny the agent's built-in task tools, for tasks belong into the tracker. */
  readonly denyTaskTools: boolean
}
