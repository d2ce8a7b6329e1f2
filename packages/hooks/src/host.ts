import type { Board, JudgedRole } from '@presence/core'
import type { Payload } from './agents/adapter.ts'
import type { EventName, Here, HookInput, Said, Tasks } from './hook.ts'

/** How long a heartbeat is enough, in seconds: an eighth of a claim's default life. */
export const HEARTBEAT_EVERY_SECONDS = 120

/** What a session was told, and when its heart beat last. */
export interface Stamp {
  /** Is a heartbeat due? Also where nobody knows. */
  isDue(now: Date): boolean
  /** The heart has beaten now. @param told pairs of label and session that this session has been told of */
  beat(now: Date, told: readonly string[]): void
  /** What this session was told at its last heartbeat. */
  told(): ReadonlySet<string>
  /** How often this session was shown a message, by its id. */
  shown(): ReadonlyMap<string, number>
  /** These were shown, once more. */
  show(ids: readonly string[]): void
  /** Of parallel calls one gets leave to beat, and has it until it gives it back. */
  take(): boolean
  giveBack(): void
}

export interface OpenOptions {
  readonly me: string | undefined
  /** What the session is registered as. */
  readonly role: string | undefined
  /** Told of what is to be mended and kept nothing from being asked: a line each. */
  readonly onTrouble: (trouble: string) => void
}

/**
 * Where a hook is answered: on the agent's own machine, which remembers in files (`local-host.ts`), or on a server, which sees
 * nothing of that machine and remembers in memory (packages/server).
 */
export interface Host {
  /** What the agent left out, as far as it is known here. */
  complete(input: HookInput): HookInput
  /** Who is speaking on the board; undefined where nobody knows. */
  sessionOf(input: HookInput): string | undefined
  /** Is this the first hook to hear of this moment? */
  isFirst(input: HookInput, event: EventName, payload: Payload): boolean
  stampOf(input: HookInput): Stamp
  /** Where the session works. */
  hereOf(input: HookInput): Here
  /** Its role in its project, and what is wrong with it; undefined where nobody can look. */
  roleOf(input: HookInput): Promise<JudgedRole | undefined>
  /** The key of the project that the session works in. */
  projectOf(input: HookInput): Promise<string | undefined>
  /** Is there a tracker, where tasks can be kept in place of the agent's own list? */
  hasTracker(input: HookInput): boolean
  /** Asks the project's tracker; undefined where there is none to ask. @throws Error in one line */
  tasks(input: HookInput): Promise<Tasks> | undefined
  /** The board, as this session sees it. */
  open(input: HookInput, options: OpenOptions): Board | Promise<Board>
  /** A session begins, or goes on after a pause. */
  begin(input: HookInput, me: string): void
  /** A session has ended: what was kept of it goes. */
  end(input: HookInput): void
  /** Why the board gave no answer, in words for the agent. */
  explain(error: unknown): string
  /** Told how things stand, after each event. */
  note(input: HookInput, me: string | undefined, said: Said): void
  /** Given for a doctor's sample: told what the board said, and nothing is left on it. */
  readonly probe?: ((event: EventName, said: Said) => void) | undefined
}

/** Of a session so many messages are remembered as shown, the latest. */
const SHOWN_MAX = 200

/** How often each message was shown, after these were once more. */
export function shownAgain(
  shown: ReadonlyMap<string, number>,
  ids: readonly string[],
): ReadonlyMap<string, number> {
  const again = new Map(shown)
  for (const id of ids) {
    again.delete(id)
    again.set(id, (shown.get(id) ?? 0) + 1)
  }
  return new Map([...again].slice(-SHOWN_MAX))
}
