import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence, presenceOn } from './support/cli.ts'
import { dolt, newBoardOnDolt, startDolt } from './support/dolt.ts'
import { scratchFolder } from './support/scratch.ts'
import { until } from './support/until.ts'
import { isRunning, untilThere, Wrapped } from './support/wrapped.ts'

/** ana's runs of scripts on node:a, and all other sessions, on one board. */
class Place {
  readonly folder = scratchFolder()
  readonly dsn: string

  constructor(dsn?: string) {
    this.dsn = dsn ?? `sqlite:${this.folder}/board.db`
  }

  get env() {
    return { PRESENCE_DSN: this.dsn, PRESENCE_SESSION_ID: 'ana', XDG_STATE_HOME: this.folder }
  }

  as(session: string) {
    return presenceOn(this.dsn, session)
  }

  run(script: string, ...options: string[]): Wrapped {
    const claim = ['--claim', 'node:a', '--purpose', 'apply', ...options]
    return new Wrapped([...claim, '--', 'sh', '-c', script], this.env)
  }

  /** bob takes the label exclusively as soon as he can. */
  takenByBob(): Promise<unknown> {
    return until('the label to be free', async () => {
      const said = await this.as('bob')('claim', 'node:a', '--exclusive', '--purpose', 'mine')
      return said.status === 0
    })
  }

  async expectNothingHeld(): Promise<void> {
    expect((await this.as('eve')('list', '--json')).stdout).toBe('[]\n')
  }
}

/** Runs forever. A signal that is not trapped ends it. */
const FOR_EVER = 'while :; do sleep 0.05; done'

describe('a signal to presence run', () => {
  it.each([
    ['SIGINT', 'INT'],
    ['SIGTERM', 'TERM'],
    ['SIGHUP', 'HUP'],
    ['SIGQUIT', 'QUIT'],
    ['SIGUSR1', 'USR1'],
    ['SIGUSR2', 'USR2'],
  ] as const)('%s is passed to the command, whose status is that of the run', async (signal, name) => {
    const place = new Place()
    const run = place.run(`trap 'echo heard; exit 5' ${name}; echo ready; ${FOR_EVER}`)
    await run.prints('ready')
    run.signal(signal)
    expect(await run.ended()).toBe(5)
    expect(run.stdout).toBe('ready\nheard\n')
    await place.expectNothingHeld()
  })

  it('that ends the command gives the status 128 plus its number', async () => {
    const run = new Place().run(`echo ready; ${FOR_EVER}`)
    await run.prints('ready')
    run.signal('SIGTERM')
    expect(await run.ended()).toBe(143)
  })

  it('does not affect the claim while the command is running', async () => {
    const place = new Place()
    const done = join(place.folder, 'done')
    const run = place.run(`trap 'echo heard' TERM INT; echo ready; ${untilThere(done)}; exit 4`)
    await run.prints('ready')
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) {
      const heard = run.stdout
      run.signal(signal)
      await until('the signal to be heard', () => run.stdout !== heard)
    }
    expect((await place.as('bob')('peek', 'node:a')).stdout).toContain('ana')
    writeFileSync(done, '')
    expect(await run.ended()).toBe(4)
    await place.expectNothingHeld()
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s during a wait ends it, releases what was taken, and runs nothing',
    async (signal, status) => {
      for (const mode of [[], ['--exclusive']]) {
        const place = new Place()
        await place.as('bob')('claim', 'node:b', '--exclusive', '--purpose', 'mine')
        const run = place.run('echo ran', '--claim', 'node:b', '--wait', '5m', ...mode)
        await run.says('waiting for node:b')
        run.signal(signal)
        expect(await run.ended()).toBe(status)
        expect(run.stdout).toBe('')
        const [claim, ...others] = JSON.parse((await place.as('eve')('list', '--json')).stdout)
        expect(claim).toMatchObject({ resource_label: 'node:b', session_id: 'bob' })
        expect(others).toEqual([])
      }
    },
  )
})

/** In a file and, if available, on the Dolt that all tests share. */
const newPlaces: readonly (readonly [string, () => Promise<Place>])[] = [
  ['in a file', async () => new Place()],
  ...(dolt ? [['on Dolt', async () => new Place((await newBoardOnDolt()).dsn)] as const] : []),
]

describe.each(newPlaces)('a run that was interrupted, %s', (_, newPlace) => {
  it('G4: leaves its command running when killed with -9; then its claim lapses, and its token no longer verifies', async () => {
    const place = await newPlace()
    const run = place.run(`echo $$; ${FOR_EVER}`, '--exclusive', '--ttl', '6')
    const pid = Number(await run.prints(/\d+(?=\n)/))
    run.signal('SIGKILL')
    await run.ended()
    expect(isRunning(pid)).toBe(true)
    await place.takenByBob()
    expect((await place.as('ana')('verify', 'node:a', '--token', '1')).status).toBe(1)
  })

  it('G4: resumed after the end of its lease reports the loss and the new holder, and the command continues', async () => {
    const place = await newPlace()
    const done = join(place.folder, 'done')
    const run = place.run(`echo ready; ${untilThere(done)}; exit 6`, '--exclusive', '--ttl', '6')
    await run.prints('ready')
    run.signal('SIGSTOP')
    await place.takenByBob()
    run.signal('SIGCONT')
    await run.says(/error: the lease on node:a \(token 1\)/)
    await run.says('the command is still running')
    await run.says(/node:a is held now by bob .*mine/)
    writeFileSync(done, '')
    expect(await run.ended()).toBe(6)
    expect((await place.as('bob')('verify', 'node:a', '--token', '2')).status, 'bob keeps his claim').toBe(0)
  })

  it('G4: with --kill-on-loss ends the command and everything it started, and exits with 1', async () => {
    const place = await newPlace()
    // Ends when asked to. Its child process doesn't.
    const deaf = `trap '' TERM HUP; echo pid $$; ${FOR_EVER}`
    const run = place.run(
      `echo pid $$; sh -c "${deaf.replaceAll('$', '\\$')}" & echo both; wait`,
      ...['--exclusive', '--ttl', '6', '--kill-on-loss', '--kill-after', '1'],
    )
    await run.prints(/pid \d+\s(.*\s)*pid \d+\s/)
    await run.prints('both')
    const pids = [...run.stdout.matchAll(/pid (\d+)/g)].map(match => Number(match[1]))
    run.signal('SIGSTOP')
    await place.takenByBob()
    expect(pids.map(isRunning)).toEqual([true, true])
    run.signal('SIGCONT')
    expect(await run.ended()).toBe(1)
    expect(run.stderr).toMatch(
      /error: the lease on node:a(.*\n)+.*ending the command; processes that still run after 1 s/,
    )
    expect(pids.map(isRunning)).toEqual([false, false])
  })

  it('G3: resumed after the end of its shared claim reports that and who came, and claims the label again', async () => {
    const place = await newPlace()
    const done = join(place.folder, 'done')
    const run = place.run(`echo ready; ${untilThere(done)}`, '--ttl', '6')
    await run.prints('ready')
    run.signal('SIGSTOP')
    await until('the claim to lapse', async () => (await place.as('bob')('list', '--json')).stdout === '[]\n')
    await place.as('bob')('claim', 'node:a', '--purpose', 'reboot')
    run.signal('SIGCONT')
    await run.says(
      /warning: your claim on node:a \(.*\) lapsed at \d{4}-.* UTC .*; the label is held now by bob \(reboot\)/,
    )
    await run.says('claimed node:a again')
    expect((await place.as('bob')('list')).stdout).toMatch(/node:a +ana +cli, \S+ +apply/)
    writeFileSync(done, '')
    expect(await run.ended()).toBe(0)
    expect(run.stderr.match(/bob/g), 'reported once').toHaveLength(1)
  })

  it('G3: claims the label again after another session’s exclusive claim on it has ended', async () => {
    const place = await newPlace()
    const run = place.run(`echo ready; ${FOR_EVER}`, '--ttl', '6')
    await run.prints('ready')
    run.signal('SIGSTOP')
    await place.takenByBob()
    run.signal('SIGCONT')
    await run.says('not claimed again: node:a is held exclusively by bob')
    await place.as('bob')('release', 'node:a')
    await run.says('claimed node:a again')
  })
})

describe.skipIf(!dolt)('G7: a run whose server becomes unreachable', () => {
  async function onOwnServer() {
    const server = await startDolt()
    onTestFinished(() => server.stop())
    return { server, place: new Place((await newBoardOnDolt(server.port)).dsn) }
  }

  it('ends with the status of the command, stores the release in the outbox, and says so', async () => {
    const { server, place } = await onOwnServer()
    const done = join(place.folder, 'done')
    const run = place.run(`echo ready; ${untilThere(done)}; exit 3`)
    await run.prints('ready')
    await server.kill()
    writeFileSync(done, '')
    expect(await run.ended()).toBe(3)
    expect(run.stderr).toMatch(/node:a could not be released: .*its release is queued/)
    await server.run()
    await until('the delivery', async () => (await presence(['sync'], { env: place.env })).status === 0)
    await place.expectNothingHeld()
  })

  it('reports once that the board is unknown, once that it answers again, and keeps its claim', async () => {
    const { server, place } = await onOwnServer()
    const done = join(place.folder, 'done')
    const run = place.run(`echo ready; ${untilThere(done)}`, '--ttl', '6')
    await run.prints('ready')
    await server.kill()
    await run.says(/warning: dolt unreachable.*unknown from now on; heartbeats are queued/)
    await server.run()
    await run.says('the board answers again')
    await until('the claim', async () => (await place.as('bob')('peek', 'node:a')).stdout.includes('ana'))
    writeFileSync(done, '')
    expect(await run.ended()).toBe(0)
    expect(run.stderr.match(/unknown from now on/g)).toHaveLength(1)
    await place.expectNothingHeld()
  })

  it('starts on a frozen server only if its claim is advisory', async () => {
    const { server, place } = await onOwnServer()
    server.freeze()
    const run = (...options: string[]) => {
      const claim = ['--claim', 'node:a', '--purpose', 'apply', ...options]
      return presence(['run', ...claim, '--', 'echo', 'ran'], { env: place.env, within: 10_000 })
    }
    expect(await run()).toMatchObject({ status: 0, stdout: 'ran\n' })
    expect(await run('--exclusive')).toMatchObject({ status: 3, stdout: '' })
    server.thaw()
  })

  it('G4: reports its lease as lost before the lease ends, and ends the command with --kill-on-loss', async () => {
    const { server, place } = await onOwnServer()
    const run = place.run(`echo ready; ${FOR_EVER}`, '--exclusive', '--ttl', '3', '--kill-on-loss')
    await run.prints('ready')
    server.freeze()
    expect(await run.ended()).toBe(1)
    expect(run.stderr).toMatch(/error: the lease on node:a \(token 1\) could not be renewed in time/)
    server.thaw()
  })
})
