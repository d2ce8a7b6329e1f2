import { hash } from 'node:crypto'
import { join } from 'node:path'
import {
  type Boards,
  checkoutTop,
  Deadline,
  type Environment,
  Failures,
  makeFolder,
  type OpenBoardsOptions,
  openBoards,
  openServer,
  PresenceError,
  type Server,
  stateFolder,
  withLock,
} from '@presence/core'
import { createApp } from '../../app.ts'
import { CoordQueueFile } from './file.ts'
import { type CoordReplayed, replayCoordQueue, type Send } from './replay.ts'

/** How long to wait for another process that is syncing, in milliseconds. */
const LOCK_MS = 1_000

export interface SyncOptions extends OpenBoardsOptions {
  readonly env: Environment
  readonly cwd: string
  readonly version: string
}

/** The project's outbox. The file may not exist. */
function coordQueueIn(cwd: string): CoordQueueFile {
  return new CoordQueueFile(checkoutTop(cwd) ?? cwd)
}

/**
 * Makes the calls in the project's `.claude/coord-queue.jsonl`. If the board is a server's, that server gets
 * the calls. Otherwise this process runs the server's routes on the board itself.
 *
 * @throws PresenceError if the file can't be used, another
 * process holds the lock (`busy`), or the DSN is invalid
 */
export async function syncCoordQueue({ version, ...options }: SyncOptions): Promise<CoordReplayed> {
  const file = coordQueueIn(options.cwd)
  await file.check(options.env)
  await using server = await openServer(options)
  if (server) return locked(file, options.env, throughServer(server))
  await using boards = await openBoards(options)
  return locked(file, options.env, throughRoutes(boards, version))
}

/** Runs in one process at a time. The lock is in the state folder and named after the outbox's path. */
async function locked(file: CoordQueueFile, env: Environment, send: Send): Promise<CoordReplayed> {
  const folder = stateFolder(env)
  makeFolder(folder)
  const name = join(folder, `coord-${hash('sha256', file.path, 'hex').slice(0, 16)}`)
  const failures = new Failures(`${name}.failures`)
  const work = () => replayCoordQueue(file, send, failures)
  const done = await withLock(`${name}.lock`, Deadline.after(LOCK_MS), work)
  if (done) return done
  throw new PresenceError('busy', `another process is replaying ${file.path}`, 'wait until it is done')
}

function throughRoutes(boards: Boards, version: string): Send {
  const app = createApp({ boards, version })
  return async ({ method, path, body, headers }) => {
    const json = jsonOf(method, body)
    const response = await app.request(path, {
      method,
      headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: json }),
    })
    return { status: response.status, detail: detailIn(await response.text()) }
  }
}

function throughServer(server: Server): Send {
  return async ({ method, path, body, headers }) => {
    const json = jsonOf(method, body)
    const answer = await server.ask({ method, path, headers, ...(json === undefined ? {} : { body: json }) })
    return answer && { status: answer.status, detail: detailIn(answer.body) }
  }
}

function jsonOf(method: string, body: unknown): string | undefined {
  return method === 'DELETE' || body === undefined || body === null ? undefined : JSON.stringify(body)
}

function detailIn(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown }
    return typeof detail === 'string' ? detail : undefined
  } catch {
    return undefined
  }
}
