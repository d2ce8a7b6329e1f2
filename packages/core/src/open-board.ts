import type { Board } from './board.ts'
import { type BoardPlace, resolveBoard } from './config/board.ts'
import type { StoreDsn } from './config/dsn.ts'
import type { Environment } from './config/folders.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from './deadline.ts'
import { PresenceError } from './domain/fault.ts'
import type { Session } from './domain/session.ts'
import { placeOf } from './identity/place.ts'
import { resolveIdentity } from './identity/resolve.ts'
import { roleOf } from './identity/role.ts'
import { OutboxBoard } from './outbox/board.ts'
import { type OutboxFile, outboxOf } from './outbox/file.ts'
import type { Replayed, Replays } from './outbox/replay.ts'
import type { Store } from './store/port.ts'
import { StoreBoard } from './store-board.ts'
import { replay } from './verbs/replay.ts'

export interface OpenOptions {
  /**
   * The board's DSN.
   * @default `PRESENCE_DSN`, the project's or the user's config file, or else the embedded board
   */
  readonly dsn?: string
  /**
   * The id of this session.
   * @default `PRESENCE_SESSION_ID`, the agent's own id, or else an id of this terminal
   */
  readonly session?: string
  /**
   * The environment variables to read.
   * @default `process.env`
   */
  readonly env?: Environment
  /**
   * The folder to search for config files.
   * @default `process.cwd()`
   */
  readonly cwd?: string
  /**
   * The folder that the session works in. The repository and branch of its claims are read from there.
   * @default `cwd`
   */
  readonly worktree?: string
  /**
   * The longest time that one call may take, in milliseconds.
   * @default 2_000
   */
  readonly deadlineMs?: number
  /**
   * Ends every call when it fires, as the deadline does, because the caller no longer waits for an answer.
   */
  readonly signal?: AbortSignal
  /**
   * Whether to use an outbox, which stores calls that could not reach the server and delivers them at the
   * next contact. `'deliver'` delivers what is stored and stores nothing. `false` leaves the outbox alone. A
   * board in a local file has no outbox.
   * @default true
   */
  readonly queue?: boolean | 'deliver'
  /** Called with the result of delivering the outbox, if there was anything in it. */
  readonly onReplay?: (replayed: Replayed) => void
  /**
   * Called for faults that should be fixed but prevent no call: a config file that was skipped, or an outbox
   * that can't be used.
   */
  readonly onTrouble?: (fault: PresenceError) => void
}

/**
 * Opens a board for one session. Connects to nothing before the first call.
 *
 * @throws PresenceError `invalid_dsn`, `invalid_config`, or `invalid_session` for an invalid session id
 */
export async function openBoard(options: OpenOptions = {}): Promise<Board> {
  const env = options.env ?? process.env
  const place = await resolveBoard(options.dsn, env, options.cwd ?? process.cwd())
  const cwd = options.cwd ?? process.cwd()
  const identity = resolveIdentity(options.session, env)
  if (!identity.ok)
    throw new PresenceError('invalid_session', identity.refusal.message, identity.refusal.remedy)
  for (const fault of place.skipped) options.onTrouble?.(fault)
  const role = roleOf(env)
  const session = {
    ...identity.value.session,
    place: { ...placeOf(options.worktree ?? cwd), ...(role === undefined ? {} : { role }) },
  }
  const { deadlineMs = DEADLINE_MS_DEFAULT, signal } = options
  const opened = await openAs(place, session, () => Deadline.after(deadlineMs, signal))
  return place.dsn.scheme === 'sqlite' || options.queue === false
    ? opened.board
    : queued(opened, outboxOf(place.dsn, env), place, options)
}

interface Opened {
  readonly board: Board
  /** What the outbox needs from the board. */
  readonly replays: Replays
}

/** Opens a board for one session, without an outbox. */
export async function openAs(
  { dsn, kinds }: Pick<BoardPlace, 'dsn' | 'kinds'>,
  session: Session,
  deadline: () => Deadline,
): Promise<Opened> {
  if (dsn.scheme === 'http') {
    const { RemoteBoard } = await import('./remote/board.ts')
    const board = new RemoteBoard(dsn, session, kinds, deadline)
    return { board, replays: board.replays }
  }
  const store = await openStore(dsn)
  return { board: new StoreBoard(store, session, kinds, deadline), replays: replaysOf(store) }
}

function queued(
  { board, replays }: Opened,
  queue: OutboxFile,
  { kinds }: BoardPlace,
  options: OpenOptions,
): Board {
  const { onReplay, onTrouble, deadlineMs = DEADLINE_MS_DEFAULT } = options
  return new OutboxBoard(board, replays, queue, {
    kinds,
    deadlineMs,
    deliverOnly: options.queue === 'deliver',
    ...(onReplay ? { onReplay } : {}),
    ...(onTrouble ? { onTrouble } : {}),
  })
}

function replaysOf(store: Store): Replays {
  return {
    now: deadline => store.now(deadline),
    replay: (operation, saidAt, deadline) => replay(store, operation, saidAt, deadline),
  }
}

/** Loads a store's driver only when it is used: loading drivers takes most of the time of a short command. */
export async function openStore(dsn: StoreDsn, options: { readonly shared?: boolean } = {}): Promise<Store> {
  if (dsn.scheme === 'sqlite') {
    const { SqliteStore } = await import('./store/sqlite/store.ts')
    return new SqliteStore(dsn.file)
  }
  const { MysqlStore } = await import('./store/mysql/store.ts')
  return new MysqlStore(dsn, options)
}
