import { askStore } from '../calls/on-store.ts'
import type { Ask } from '../calls/table.ts'
import { replay } from '../claims/replay.ts'
import { type BoardPlace, resolveBoard } from '../config/board.ts'
import type { StoreDsn } from '../config/dsn.ts'
import type { Environment } from '../config/folders.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { KINDS } from '../domain/label.ts'
import type { Session } from '../domain/session.ts'
import { placeOf } from '../identity/place.ts'
import { resolveIdentity } from '../identity/resolve.ts'
import { roleOf } from '../identity/role.ts'
import { requireNode } from '../node-version.ts'
import { Delivery } from '../outbox/delivery.ts'
import { type OutboxFile, outboxOf } from '../outbox/file.ts'
import type { Replayed, Replays } from '../outbox/replay.ts'
import type { Store } from '../store/port/store.ts'
import { Pruner } from '../store/pruner.ts'
import { Recorder } from '../store/recorder.ts'
import type { Board } from './board.ts'
import { SessionBoard } from './session-board.ts'

/** The options of {@link openBoard}. */
export interface OpenOptions {
  /**
   * The board's DSN: `mysql://user@host/database`, `http://host:port` of a presence server, or `sqlite:FILE`.
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
   * @default none
   */
  readonly signal?: AbortSignal
  /**
   * Whether to use an outbox, which stores calls that could not reach the server and delivers them at the
   * next contact. `'deliver'` delivers what is stored and stores nothing. `false` leaves the outbox alone. A
   * board in a local file has no outbox.
   * @default true
   */
  readonly outbox?: boolean | 'deliver'
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
 * @throws {@link PresenceError} `invalid_dsn`, `invalid_config`, `untrusted` if a project's config file names the
 *   board and this user must trust it first, `invalid_session` for an invalid session id, or `cannot_start` if Node is
 *   too old
 *
 * @example
 * ```ts
 * import { openBoard } from '@presence/core'
 *
 * await using board = await openBoard({ dsn: 'sqlite:board.db', session: 'nightly-build' })
 * const said = await board.claim('stack:network', { purpose: 'terraform apply', ttl: '30m' })
 * if (!said.ok) throw new Error(`${said.refusal.message}: ${said.refusal.remedy}`)
 * await board.release('stack:network')
 * ```
 */
export async function openBoard(options: OpenOptions = {}): Promise<Board> {
  requireNode()
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
  const deadline = () => Deadline.after(deadlineMs, signal)
  const opened = await openAs(place, session, deadline)
  const usesOutbox = place.dsn.scheme !== 'sqlite' && options.outbox !== false
  const delivered = usesOutbox
    ? delivery(opened, session, outboxOf(place.dsn, env), place, options)
    : undefined
  return new SessionBoard({
    session,
    kinds: place.kinds,
    deadline,
    ask: delivered?.ask ?? opened.ask,
    ...(delivered ? { sync: given => delivered.sync(given) } : {}),
    close: opened.close,
  })
}

/** How calls are made on a board, and what its outbox needs. */
interface Opened {
  readonly ask: Ask
  readonly replays: Replays
  readonly close: () => Promise<void>
}

/** Opens a board for the calls of one session, without an outbox. */
export async function openAs(
  { dsn, kinds }: Pick<BoardPlace, 'dsn' | 'kinds'>,
  session: Session,
  deadline: () => Deadline,
): Promise<Opened> {
  if (dsn.scheme === 'http') {
    const { askOver, Client, replaysOver } = await import('../remote/client.ts')
    const client = new Client(
      dsn,
      kinds.filter(kind => !KINDS.includes(kind)),
    )
    return {
      ask: askOver(client, session, deadline),
      replays: replaysOver(client, session),
      close: async () => client.close(),
    }
  }
  const store = await openStore(dsn)
  const [pruner, recorder] = [new Pruner(store), new Recorder(store.history)]
  return {
    ask: askStore({ store, session, kinds, deadline, pruner, recorder }),
    replays: replaysOf(store),
    close: async () => {
      await Promise.all([recorder.close(), pruner.settled()])
      await store.close()
    },
  }
}

function delivery(
  { ask, replays }: Opened,
  session: Session,
  outbox: OutboxFile,
  { kinds }: BoardPlace,
  options: OpenOptions,
): Delivery {
  const { onReplay, onTrouble, deadlineMs = DEADLINE_MS_DEFAULT } = options
  return new Delivery(ask, session, replays, outbox, {
    kinds,
    deadlineMs,
    deliverOnly: options.outbox === 'deliver',
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
    const { SqliteStore } = await import('../store/sqlite/store.ts')
    return new SqliteStore(dsn.file, { isPrivate: dsn.isPrivate })
  }
  const { MysqlStore } = await import('../store/mysql/store.ts')
  return new MysqlStore(dsn, options)
}
