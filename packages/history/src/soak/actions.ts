import { spawn } from 'node:child_process'
import type { Board } from '@presence/core'
import type { Answer, Args } from '../format.ts'
import { LABELS, SESSIONS, type Verb } from './plan.ts'
import type { Product } from './product.ts'
import type { Random } from './random.ts'
import { type CallRecorder, now } from './recorder.ts'

export interface ActionOptions {
  readonly board: Board
  readonly recorder: CallRecorder
  readonly random: Random
  readonly product: Product
  readonly dsn: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Most claims expire soon. Some outlive an outage. */
const TTLS = [1, 1, 1, 2, 2, 2, 3, 3, 5, 30]
/** The label that exclusive claims prefer, and the verbs that use it. */
const ALONE = 'stack:c'
const MOSTLY_ALONE: ReadonlySet<Verb> = new Set(['claimExclusively', 'acquire', 'wait', 'steal', 'verify'])
const WAIT_MS = 3_000
/** How many messages a worker remembers, to mark them as read. */
const UNREAD_MAX = 20

/** Makes a worker's calls and records them. */
export class Actions {
  readonly #o: ActionOptions
  /** The latest tokens that this process was told, by label. */
  readonly #tokens = new Map<string, number[]>()
  #unread: string[] = []

  constructor(options: ActionOptions) {
    this.#o = options
  }

  async do(verb: Verb): Promise<void> {
    const { board, random } = this.#o
    const label = this.#label(verb)
    const ttl = random.pick(TTLS)
    switch (verb) {
      case 'claim':
        await this.#call(verb, { label, ttl }, id => board.claim(label, { purpose: id, ttl }))
        return
      case 'claimExclusively': {
        const overShared = random.next() < 0.3
        await this.#call(verb, { label, ttl, overShared }, id =>
          board.claimExclusively(label, { purpose: id, ttl, overShared }),
        )
        return
      }
      case 'wait':
        return this.#wait(label, ttl)
      case 'acquire':
        return this.#acquire(label, ttl)
      case 'verify': {
        const token = random.pick(this.#tokens.get(label) ?? [1])
        await this.#call(verb, { label, token }, () => board.verify(label, token))
        return
      }
      case 'steal':
        await this.#call(verb, { label, ttl }, id => board.steal(label, { reason: id, ttl }))
        return
      case 'run':
        return this.#run(label, random.next() < 0.4)
      case 'resolve':
        await this.#call(verb, { label }, id => board.resolve(label, id))
        return
      case 'heartbeat':
        await this.#call(verb, {}, () => board.heartbeat())
        return
      case 'release':
        return this.#release(random.next() < 0.2 ? undefined : label)
      case 'peek':
        await this.#call(verb, { label }, () => board.peek(label))
        return
      case 'list': {
        const mine = random.next() < 0.3
        await this.#call(verb, { mine }, () => board.list({ mine }))
        return
      }
      case 'sync':
        await this.#call(verb, {}, async () => ({ replayed: await board.sync() }))
        return
      default:
        return this.#message(verb)
    }
  }

  /**
   * Picks a label. Exclusive claims often get `ALONE`, which has few shared claims, so that they meet each
   * other. On the other labels they meet shared claims.
   */
  #label(verb: Verb): string {
    const { random } = this.#o
    const label = random.pick(LABELS)
    if (MOSTLY_ALONE.has(verb) && random.next() < 0.4) return ALONE
    return verb === 'claim' && label === ALONE && random.next() < 0.7 ? random.pick(LABELS) : label
  }

  async #call(verb: string, args: Args, ask: (id: string) => Promise<unknown>): Promise<Answer> {
    const answer = await this.#o.recorder.call(verb, args, ask)
    for (const claim of [answer.claim, answer.holder, ...(answer.holders ?? [])]) {
      if (claim?.token === undefined) continue
      const known = this.#tokens.get(claim.label) ?? []
      this.#tokens.set(claim.label, [...known, claim.token].slice(-3))
    }
    return answer
  }

  async #release(label: string | undefined): Promise<void> {
    const { board, product } = this.#o
    await this.#call('release', label === undefined ? {} : { label }, () =>
      board.release(label ?? product.all),
    )
  }

  async #wait(label: string, ttl: number): Promise<void> {
    const { board, recorder, random } = this.#o
    const overShared = random.next() < 0.6
    await this.#call('wait', { label, ttl, overShared, waitMs: WAIT_MS }, call =>
      board.claimExclusively(label, {
        purpose: call,
        ttl,
        overShared,
        wait: WAIT_MS / 1_000,
        onWait: ({ ahead, fault }) =>
          recorder.write({ type: 'waiting', call, at: now(), ahead, fault: fault !== undefined }),
      }),
    )
  }

  /** Takes a lease, holds it for a while, checks it, and releases it. */
  async #acquire(label: string, ttl: number): Promise<void> {
    const { board, random } = this.#o
    const overShared = random.next() < 0.5
    const acquired = await new Promise<{ lease?: import('@presence/core').Lease }>(resolve => {
      void this.#call('acquire', { label, ttl, overShared }, async id => {
        const said = await board.acquire(label, { purpose: id, ttl, overShared })
        if (!said.ok) return said
        queueMicrotask(() => resolve({ lease: said.lease }))
        const { claim, others } = said.lease
        return { ok: true, claim, others, isNew: true }
      }).then(() => resolve({}))
    })
    const { lease } = acquired
    if (!lease) return
    const { token } = lease
    for (let left = random.below(4); left > 0; left--) {
      await new Promise(resolve => setTimeout(resolve, random.below(600)))
      await this.#call('lease-verify', { label, token }, async () => ({ current: await lease.verify() }))
    }
    await this.#call('lease-release', { label, token }, async () => {
      await lease.release()
      return {}
    })
  }

  /** Runs `presence run` with a command that prints that it started, and its token. */
  async #run(label: string, exclusive: boolean): Promise<void> {
    const { product, dsn, env, recorder } = this.#o
    await this.#call('run', { label, exclusive }, async id => {
      const args = [
        'run',
        '--claim',
        label,
        '--purpose',
        id,
        '--ttl',
        '5',
        ...(exclusive ? ['--exclusive'] : []),
      ]
      const child = spawn(
        process.execPath,
        [...product.command, ...args, '--', 'sh', '-c', 'echo "started $PRESENCE_TOKEN"; sleep 0.2'],
        { env: { ...env, PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: recorder.session }, cwd: '/' },
      )
      let said = ''
      child.stdout.setEncoding('utf8').on('data', text => {
        said += text
      })
      let error = ''
      child.stderr.setEncoding('utf8').on('data', text => {
        error += text
      })
      const status = await new Promise<number | null>(resolve => child.on('close', resolve))
      const [, token] = /^started (\d*)/.exec(said) ?? []
      const answer = {
        status,
        started: said.startsWith('started'),
        ...(token ? { token: Number(token) } : {}),
      }
      if (status === 0) return answer
      if (status === 1) return { refusal: { code: 'held' }, ...answer }
      throw Object.assign(new Error(error), { code: `exit ${status}` })
    })
  }

  async #message(verb: 'send' | 'inbox' | 'read'): Promise<void> {
    const { board, random } = this.#o
    if (verb === 'send') {
      const to = random.pick(SESSIONS)
      await this.#call(verb, { to }, id => board.messages.send({ to, subject: id, body: id }))
      return
    }
    if (verb === 'inbox') {
      const unreadOnly = random.next() < 0.7
      const answer = await this.#call(verb, { unreadOnly }, () =>
        board.messages.inbox({ unreadOnly, limit: 30 }),
      )
      this.#unread = (answer.messages ?? [])
        .filter(({ unread }) => unread)
        .map(({ id }) => id)
        .slice(0, UNREAD_MAX)
      return
    }
    const ids = this.#unread.splice(0, 1 + random.below(3))
    if (ids.length === 0) return
    await this.#call(verb, { ids }, async () => {
      const said = await board.messages.read(ids)
      return said.ok ? {} : said
    })
  }
}
