import type { Board } from './board.ts'
import { resolveBoard } from './config/board.ts'
import type { Dsn } from './config/dsn.ts'
import type { Environment } from './config/folders.ts'
import { DEADLINE_MS_DEFAULT } from './deadline.ts'
import { PresenceError } from './domain/fault.ts'
import { placeOf } from './identity/place.ts'
import { resolveIdentity } from './identity/resolve.ts'
import { roleOf } from './identity/role.ts'
import { QueuedBoard } from './queue/board.ts'
import { queueOf } from './queue/file.ts'
import type { Replayed } from './queue/replay.ts'
import type { Store } from './store/port.ts'
import { StoreBoard } from './store-board.ts'

export interface OpenOptions {
  /** Which board; else `PRESENCE_DSN`, the project's or the user's config file, the embedded board. */
  readonly dsn?: string
  /** Who is speaking; else `PRESENCE_SESSION_ID`, the agent's own id, an id of this terminal. */
  readonly session?: string
  readonly env?: Environment
  readonly cwd?: string
  /** The most that one call may take, in milliseconds. */
  readonly deadlineMs?: number
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
  const store = await openStore(place.dsn)
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS_DEFAULT
  const role = roleOf(env)
  const session = {
    ...identity.value.session,
    place: { ...placeOf(cwd), ...(role === undefined ? {} : { role }) },
  }
  const board = new StoreBoard(store, session, place.kinds, deadlineMs)
  if (place.dsn.scheme === 'sqlite' || options.queue === false) return board
  const queue = queueOf(place.dsn, env)
  const { onReplay, onTrouble } = options
  return new QueuedBoard(board, store, queue, {
    kinds: place.kinds,
    deadlineMs,
    deliverOnly: options.queue === 'deliver',
    ...(onReplay ? { onReplay } : {}),
    ...(onTrouble ? { onTrouble } : {}),
  })
}

/** A store's driver is loaded only when it is used: drivers are most of a short command's time. */
export async function openStore(dsn: Dsn, options: { readonly shared?: boolean } = {}): Promise<Store> {
  if (dsn.scheme === 'sqlite') {
    const { SqliteStore } = await import('./store/sqlite/store.ts')
    return new SqliteStore(dsn.file)
  }
  const { MysqlStore } = await import('./store/mysql/store.ts')
  return new MysqlStore(dsn, options)
}
