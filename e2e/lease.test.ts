import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { accepted } from '../packages/core/test/answers.ts'
import { presenceOn } from './support/cli.ts'
import { FaultyProxy } from './support/faulty-proxy.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { until } from './support/until.ts'

/** On a busy machine the server may still answer a probe: then it counts as slow. */
const NO_ANSWER = expect.stringMatching(/^(unreachable|too_slow)$/)

const HOLDER = join(import.meta.dirname, 'fixtures/lease-holder.ts')

/** A process that holds a label, and its messages so far. */
class Holder {
  readonly #process: ChildProcess
  readonly said: string[] = []

  constructor(dsn: string, session: string, ttlSeconds: number) {
    const execArgv = ['--disable-warning=ExperimentalWarning']
    const argv = [dsn, session, 'stack:gpu', String(ttlSeconds)]
    this.#process = fork(HOLDER, argv, { execArgv, stdio: 'inherit' })
    this.#process.on('message', line => this.said.push(String(line)))
    onTestFinished(() => void this.#process.kill('SIGKILL'))
  }

  /** Resolves once it has sent this message, after the first `after` ones. */
  saying(line: RegExp, after = 0): Promise<string> {
    return until(`${line}`, () => this.said.slice(after).find(each => line.test(each)))
  }

  /** Asks until this is the answer: on a busy machine a call may miss its deadline. */
  async verifying(answer: RegExp): Promise<void> {
    await until(`it to verify ${answer}`, async () => {
      const before = this.said.length
      this.#process.send('verify')
      return answer.test(await this.saying(/^verified/, before))
    })
  }

  async release(): Promise<void> {
    this.#process.send('release')
    await this.saying(/^released$/)
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name)
  }
}

describeEachEngine('G4: a lease', engine => {
  it('is reported as lost before it ends if its board does not answer, and no other session gets it earlier', async () => {
    const server = await engine.start()
    const { dsn } = await newBoardOn(server.port)
    const ana = new Holder(dsn, 'ana', 20)
    await ana.saying(/^held 1$/)
    server.freeze()
    const [, , leftMs] = (await ana.saying(/^lost lease_lost/)).split(' ')
    expect(Number(leftMs), 'before its end').toBeGreaterThan(0)
    await ana.verifying(/^verified unreachable$/)
    server.thaw()
    await server.stop()
  })

  it('survives an outage of the server that is shorter than the ttl', async () => {
    const server = await engine.start()
    const { dsn } = await newBoardOn(server.port)
    const ana = new Holder(dsn, 'ana', 60)
    await ana.saying(/^held 1$/)
    await server.kill()
    await server.run()
    await ana.verifying(/^verified true$/)
    expect(ana.said.filter(each => each.startsWith('lost'))).toEqual([])
    await server.stop()
  })
})

describe('G4: a lease in a process that was stopped past its end', () => {
  it('is reported as lost when the process resumes, and the next holder keeps its claim', async () => {
    const dsn = `sqlite:${scratchFolder()}/board.db`
    const ana = new Holder(dsn, 'ana', 6)
    await ana.saying(/^held 1$/)
    ana.signal('SIGSTOP')
    const bob = presenceOn(dsn, 'bob')
    const claim = () => bob('claim', 'stack:gpu', '--exclusive', '--purpose', 'mine')
    await until('bob to have it', async () => {
      const { status } = await claim()
      // It was stopped amid a write, and holds the file's lock: it finishes that, and is stopped again.
      if (status === 3) {
        ana.signal('SIGCONT')
        await new Promise(resolve => setTimeout(resolve, 100))
        ana.signal('SIGSTOP')
      }
      return status === 0
    })
    ana.signal('SIGCONT')
    await ana.saying(/^lost lease_lost/)
    await ana.verifying(/^verified false$/)
    await ana.release()
    expect((await bob('verify', 'stack:gpu', '--token', '2')).status).toBe(0)
  })
})

describeEachEngine('G2, G4: an exclusive claim whose answer was lost', engine => {
  it('and that was then granted to the same session stays after the board is closed', async () => {
    const { dsn } = await newBoardOn(engine.port)
    await using proxy = await FaultyProxy.before(engine.port, 'pass')
    await using bob = await openBoard({ dsn, session: 'bob' })
    const board = await openBoard({
      dsn: dsn.replace(`:${engine.port}/`, `:${proxy.port}/`),
      session: 'ana',
      // Longer than the lost claim blocks its own session: it was never confirmed, so it is dropped after
      // 1.5 s.
      deadlineMs: 4_000,
      outbox: false,
    })
    const claim = () => board.claimExclusively('stack:gpu', { purpose: 'p' })
    const first = accepted(await claim()).claim.token
    accepted(await board.release('stack:gpu'))
    proxy.behaviour = 'drop-answers'
    await expect(claim()).rejects.toMatchObject({ code: NO_ANSWER })
    proxy.behaviour = 'pass'
    const { token } = accepted(await claim()).claim
    expect(token, 'the claim whose answer was lost had a token too').toBeGreaterThan(first)

    await board.close()

    expect(accepted(await bob.peek('stack:gpu')).claims).toMatchObject([{ session: { id: 'ana' }, token }])
    expect(await bob.claimExclusively('stack:gpu', { purpose: 'p' })).toMatchObject({
      ok: false,
      refusal: { code: 'held' },
    })
  })
})
