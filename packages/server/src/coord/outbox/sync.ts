import { hash } from 'node:crypto'
import { join } from 'node:path'
import { type Environment, PresenceError } from '@presence/core'
import {
  type Boards,
  checkoutTop,
  Deadline,
  Failures,
  flawOf,
  makeFolder,
  type OpenBoardsOptions,
  openBoards,
  openServer,
  stateFolder,
  withLock,
} from '@presence/core/internal'
import { createApp } from '../../app.ts'
import { CoordOutbox } from './outbox.ts'
import { type CoordReplayed, replayCoordOutbox, type Send } from './replay.ts'

/** How long to wait for another process that is syncing, in milliseconds. */
const LOCK_MS = 1_000

export interface SyncOptions extends OpenBoardsOptions {
  readonly env: Environment
  readonly cwd: string
  readonly version: string
}

/**
 * Makes the calls in the project's `.claude/coord-queue.jsonl`. If the board is a server's, that server gets
 * the calls. Otherwise this process runs the server's routes on the board itself.
 *
 * @throws PresenceError if the file can't be used, another
 * process holds the lock (`busy`), or the DSN is invalid
 */
export async function syncCoordOutbox({ version, ...options }: SyncOptions): Promise<CoordReplayed> {
  const { env, cwd } = options
  const outbox = new CoordOutbox(checkoutTop(cwd) ?? cwd)
  await outbox.check(env)
  await using server = await openServer(options)
  if (server) return locked(outbox, env, request => server.ask(request))
  await using boards = await openBoards(options)
  return locked(outbox, env, throughRoutes(boards, version))
}

/** Runs in one process at a time. The lock is in the state folder and named after the outbox's path. */
async function locked(outbox: CoordOutbox, env: Environment, send: Send): Promise<CoordReplayed> {
  const folder = stateFolder(env)
  makeFolder(folder)
  const flaw = flawOf(folder)
  if (flaw) throw new PresenceError('access_denied', `nothing is replayed: ${flaw.reason}`, flaw.remedy)
  const name = join(folder, `coord-${hash('sha256', outbox.path, 'hex').slice(0, 16)}`)
  const failures = new Failures(`${name}.failures`)
  const work = () => replayCoordOutbox(outbox, send, failures)
  const done = await withLock(`${name}.lock`, Deadline.after(LOCK_MS), work)
  if (done) return done
  throw new PresenceError('busy', `another process is replaying ${outbox.path}`, 'wait until it is done')
}

function throughRoutes(boards: Boards, version: string): Send {
  const app = createApp({ boards, version })
  return async ({ path, body, headers, ...request }) => {
    // A socket would add the length, by which the server knows that there is a body.
    const type =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
    const sent = { ...request, ...(body === undefined ? {} : { body }), headers: { ...headers, ...type } }
    const answer = await app.request(path, sent)
    return { status: answer.status, body: await answer.text() }
  }
}
