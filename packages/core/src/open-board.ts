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
import { QueuedBoard } from './queue/board.ts'
import { type QueueFile, queueOf } from './queue/file.ts'
import type { Replayed, Replays } from './queue/replay.ts'
import type { Store } from './store/port.ts'
import { StoreBoard } from './store-board.ts'
import { replay } from './verbs/replay.ts'

export interface OpenOptions {
  /** Which board; else `PRESENCE_DSN`, the project's or the user's config file, the embedded board. */
  readonly dsn?: string
  /** Who is speaking; else `PRESENCE_SESSION_ID`, the agent's own id, an id of this terminal. */
  readonly session?: string
  readonly env?: Environment
  readonly cwd?: string
  /** The folder that the session works in, where that isn't `cwd`: it says of which repository and branch claims are. */
  readonly worktree?: string
  /** The most that one call may take, in milliseconds. */
  readonly deadlineMs?: number
  /** Ends every call, as its deadline does: nobody waits for an answer any more. */
  readonly signal?: AbortSignal
  /**
   * Queue what a server could not be told, and say it at the next contact: so unless told. `deliver` queues nothing and
   * says what is queued; false leaves the queue alone.
   */
  readonly queue?: boolean | 'deliver'
  /** Told what became of the queue, when there was one. */
  readonly onReplay?: (replayed: Replayed) => void
  /** Told of what is to be mended and kept no call from being made: a config file that was passed over, a queue that can't be used. */
  readonly onTrouble?: (fault: PresenceError) => void
}

/**
 * Opens a board. Nothing is contacted before the first call.
 *
 * @throws PresenceError `invalid_dsn` or `invalid_config`; `invalid_session` for a bad session id
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
    : queued(opened, queueOf(place.dsn, env), place, options)
}

interface Opened {
  readonly board: Board
  /** What a queue asks of it. */
  readonly replays: Replays
}

/** Opens a board for one session, with no queue around it. */
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
  queue: QueueFile,
  { kinds }: BoardPlace,
  options: OpenOptions,
): Board {
  const { onReplay, onTrouble, deadlineMs = DEADLINE_MS_DEFAULT } = options
  return new QueuedBoard(board, replays, queue, {
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

/** A store's driver is loaded only when it is used: drivers are most of a short command's time. */
export async function openStore(dsn: StoreDsn, options: { readonly shared?: boolean } = {}): Promise<Store> {
  if (dsn.scheme === 'sqlite') {
    const { SqliteStore } = await import('./store/sqlite/store.ts')
    return new SqliteStore(dsn.file)
  }
  const { MysqlStore } = await import('./store/mysql/store.ts')
  return new MysqlStore(dsn, options)
}
