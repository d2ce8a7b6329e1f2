import type { Board } from '@presence/core'
import type { JudgedRole } from '@presence/core/internal'
import type { Payload } from './agents/adapter.ts'
import type { Recalled } from './context/known.ts'
import type { EventName, Here, HookInput, Said, Tasks, ToldTasks } from './hook.ts'

/** The interval between two heartbeats, in seconds: about an eighth of a claim's default ttl. */
export const HEARTBEAT_EVERY_SECONDS = 120

/** The stored notes on what a session was told, and when it last sent a heartbeat. */
export interface Stamp {
  /** True if a heartbeat is due, or if it can't be determined whether one is. */
  isDue(now: Date): boolean
  /** Records a heartbeat. */
  beat(now: Date): void
  /** Makes a heartbeat due, so that the next event asks the board. */
  makeDue(): void
  /** The co-claims, stolen and lapsed claims that this session was told of, as keys. */
  told(): ReadonlySet<string>
  /**
   * Records all that this session has been told of and that is still the case.
   *
   * @param asOf the database's time at the read that this is about
   */
  tell(asOf: Date, keys: readonly string[]): void
  /** How many times this session was shown each message, by the message's id. */
  shown(): ReadonlyMap<string, number>
  /** Counts these messages as shown once more. */
  show(ids: readonly string[]): void
  /**
   * What the session's agent knows of the board; undefined if that isn't certain, or if it was told to another reader. From now on it isn't, until `keep`
   * is called: so an answer that never reaches the agent, or two answers at once, lead to one that tells everything.
   */
  recall(reader: string): Recalled | undefined
  /** Records what the agent knows since it was given an answer. */
  keep(knows: Recalled): void
  /** Takes the lock for a heartbeat. Only one of parallel calls gets it, until that call gives it back. */
  take(): boolean
  unlock(): void
}

export interface OpenOptions {
  readonly me: string | undefined
  /** The role with which the session is registered. */
  readonly role: string | undefined
  /** Called for each problem on this machine that did not prevent the answer, with one line. */
  readonly onTrouble: (trouble: string) => void
}

/**
 * Where a hook is answered: on the agent's own machine, which stores state in files (`local-host.ts`), or on
 * a server, which can't see that machine and stores state in memory (packages/server).
 */
export interface Host {
  /** Fills in what the agent left out, as far as it is known here. */
  complete(input: HookInput): HookInput
  /** The session's id on the board; undefined if it is unknown. */
  sessionOf(input: HookInput): string | undefined
  /** True if this is the first hook that is called for this event. */
  isFirst(input: HookInput, event: EventName, payload: Payload): boolean
  stampOf(input: HookInput): Stamp
  /** Where the session works. */
  hereOf(input: HookInput): Here
  /** Its role in its project, and what is wrong with it; undefined if that can't be determined. */
  roleOf(input: HookInput): Promise<JudgedRole | undefined>
  /** The key of the project in which the session works. */
  projectOf(input: HookInput): Promise<string | undefined>
  /** True if there is a tracker for tasks instead of the agent's own list. */
  hasTracker(input: HookInput): boolean
  /** What is known of the project's tracker, without asking it; undefined if there is none. */
  tasks(input: HookInput): Tasks | undefined
  /** Records what the session has been told of the tracker's tasks. */
  noteTasks(input: HookInput, told: ToldTasks): void
  /** The board, as this session sees it. */
  open(input: HookInput, options: OpenOptions): Board | Promise<Board>
  /**
   * Who is told, and of which board: two processes of one session are told apart, and so is another project's board.
   */
  readerOf(input: HookInput): Promise<string>
  /** Called when a session starts or resumes. */
  begin(input: HookInput, me: string): void
  /** Called when a session has ended: deletes what was stored for it. */
  end(input: HookInput): void
  /** Why the board gave no answer, in words for the agent. */
  explain(error: unknown): string
  /** What somebody has to do about it first; undefined if waiting may help, or if it is not the agent's business. */
  remedyFor(error: unknown): string | undefined
  /** Called after each event with the result. */
  note(input: HookInput, me: string | undefined, said: Said): void
  /**
   * Set only for a sample event of `presence doctor`, which leaves nothing on the board. Receives what the
   * board answered.
   */
  readonly probe?: ((event: EventName, said: Said) => void) | undefined
}

/** What a session was told of, and the database's time of the read that it comes from, in milliseconds. */
export interface Told {
  readonly asOf: number
  readonly keys: ReadonlySet<string>
}

/**
 * What a session was told of, after one more event told it something. A read that is older than what is recorded
 * already takes nothing away: it didn't see what another hook has told since.
 */
export function toldAfter(before: Told, asOf: Date, keys: readonly string[]): Told {
  const time = asOf.getTime()
  return before.asOf > time
    ? { asOf: before.asOf, keys: new Set([...before.keys, ...keys]) }
    : { asOf: time, keys: new Set(keys) }
}

/** How many messages of a session are remembered as shown, counted from the latest. */
const SHOWN_MAX = 200

/** How many times each message was shown, with these messages counted once more. */
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
