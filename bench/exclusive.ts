import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Board } from '@presence/core'
import { freePort } from '../e2e/support/free-port.ts'
import { until } from '../e2e/support/until.ts'
import { environmentIn, presence, run } from './command.ts'
import type { Measure } from './context.ts'
import { boardAt, granted, migrateAt } from './library.ts'
import { inTurns, timed } from './pairs.ts'
import { rowOf } from './report.ts'

const p = { purpose: 'measure how long this takes' }
const CONTENDERS = 16

/** The cost of an exclusive claim, without and with a wait for others. */
export const acquiring: Measure = {
  title: 'To acquire a label on a local Dolt and let it go, beside a shared claim and its release',
  budgeted: false,
  async rows(context) {
    const dsn = (await context.dolt()).dsn('acquire')
    const boards: Board[] = []
    for (let at = 0; at < CONTENDERS; at++) boards.push(await boardAt(dsn, `contender-${at}@bench`))
    const [board = boards[0] as Board] = boards
    const shared = async () => {
      await granted(board.claim('node:shared', p))
      await board.release('node:shared')
    }
    const once = async (by: Board, label: string) => {
      const { lease } = await granted(by.acquire(label, { ...p, wait: '1m' }))
      await lease.release()
    }
    await shared()
    await once(board, 'node:alone')
    const results = await inTurns(
      context.rounds,
      {
        'nobody else there': timed(() => once(board, 'node:alone')),
        // All sessions start at the same time, so this is the time until the last of them has had its turn.
        [`${CONTENDERS} contenders, all in turn`]: timed(() =>
          Promise.all(boards.map(each => once(each, 'node:crowded'))),
        ),
      },
      timed(shared),
    )
    await Promise.all(boards.map(each => each.close()))
    return Object.entries(results).map(([what, beside]) => rowOf(what, beside))
  },
}

/** Compares `presence run --exclusive` with `etcdctl lock`, a well-known lock. */
export const locking: Measure = {
  title: '`presence run --exclusive -- true` on a local Dolt, and `etcdctl lock` on a local etcd',
  budgeted: false,
  async rows(context) {
    const dsn = (await context.dolt()).dsn('locking')
    await migrateAt(dsn)
    const env = environmentIn(context.folder, { PRESENCE_DSN: dsn })
    const ours = presence(
      env,
      'run',
      '--claim',
      'node:a',
      '--exclusive',
      '--purpose',
      'measure',
      '--',
      'true',
    )
    await using etcd = await Etcd.start(join(context.folder, 'etcd'))
    const theirs = () =>
      run('etcdctl', [`--endpoints=${etcd.endpoint}`, 'lock', 'bench', 'true'], { ...env, ETCDCTL_API: '3' })
    await ours()
    await theirs()
    const { run: beside } = await inTurns(context.rounds, { run: ours }, theirs)
    return [rowOf('presence run, beside etcdctl lock', beside)]
  },
}

class Etcd implements AsyncDisposable {
  readonly endpoint: string
  readonly #process: ChildProcess

  private constructor(endpoint: string, process: ChildProcess) {
    this.endpoint = endpoint
    this.#process = process
  }

  /** @throws if Debian's etcd-server and etcd-client are not installed */
  static async start(folder: string): Promise<Etcd> {
    if (spawnSync('etcdctl', ['version']).error || spawnSync('etcd', ['--version']).error)
      throw new Error('no etcd and etcdctl here (the packages etcd-server and etcd-client)')
    const [clients, peers] = [await freePort(), await freePort()]
    const url = (port: number) => `http://127.0.0.1:${port}`
    const args = [
      ...['--data-dir', folder, '--log-level', 'error'],
      ...['--listen-client-urls', url(clients), '--advertise-client-urls', url(clients)],
      ...['--listen-peer-urls', url(peers), '--initial-advertise-peer-urls', url(peers)],
      ...['--initial-cluster', `default=${url(peers)}`],
    ]
    const etcd = new Etcd(url(clients), spawn('etcd', args, { stdio: 'ignore' }))
    await until('etcd to answer', () => etcd.#isUp())
    return etcd
  }

  async #isUp(): Promise<boolean> {
    return (await fetch(`${this.endpoint}/health`)).ok
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill()
    await ended
  }
}
