import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkOut, github, gitlab, headOf, woodpecker } from './support/ci.ts'
import { presence, presenceOn } from './support/cli.ts'
import { dolt, newBoardOnDolt } from './support/dolt.ts'
import { freePort } from './support/free-port.ts'
import { scratchFolder } from './support/scratch.ts'
import { until } from './support/until.ts'
import { isRunning, untilThere } from './support/wrapped.ts'

/** Building act downloads and compiles it. The result is cached. */
const BUILT_WITHIN_MS = 1_800_000
const PASSWORD = 'correct horse'

/** The DSN of a board for a job, and the DSN for a client outside the CI. */
async function newBoard(folder: string): Promise<{ dsn: string; outside: string }> {
  if (!dolt) return { dsn: `sqlite:${folder}/board.db`, outside: `sqlite:${folder}/board.db` }
  const { dsn: outside, database } = await newBoardOnDolt()
  const account = `ci${database.slice(-10)}`
  const file = join(folder, 'presence.password')
  writeFileSync(file, PASSWORD, { mode: 0o600 })
  expect(
    await presence(['migrate', '--account', `${account}=${file}`, '--dsn', outside], { within: 30_000 }),
  ).toMatchObject({ status: 0 })
  return { dsn: outside.replace('root@', `${account}@`), outside }
}

describe.each([github, gitlab, woodpecker])('the deploy job in the snippet for $name', ci => {
  describe.skipIf(!ci.here)('on a board whose account has a password', () => {
    let folder: string
    let board: { dsn: string; outside: string }
    beforeAll(() => ci.ready(), BUILT_WITHIN_MS)
    beforeEach(async () => {
      folder = scratchFolder()
      board = await newBoard(folder)
    })

    const ana = (...args: string[]) => presenceOn(board.outside, 'ana')(...args)
    const claims = async () => JSON.parse((await ana('list', '--json')).stdout)

    /**
     * One run of the pipeline, in its own checkout. Its deploy script changes something until it is told to
     * finish.
     */
    function deploy(run: number, { dsn = board.dsn, thenFails = false } = {}) {
      const project = join(folder, `shop-${run}`)
      const [changing, done] = [`${project}.changing`, `${project}.done`]
      const change = `echo "$$ $PPID" >'${changing}.new' && mv '${changing}.new' '${changing}' && ${untilThere(done)}`
      checkOut(project, `#!/bin/sh\npresence verify stack:web && ${change}${thenFails ? ' && exit 9' : ''}\n`)
      const job = ci.start({ project, dsn, password: PASSWORD, run })
      const pids = () => readFileSync(changing, 'utf8').trim().split(' ').map(Number)
      return {
        job,
        project,
        /**
         * Waits until the script is changing something.
         * @returns the process ids of deploy.sh and of its parent
         */
        changing: () =>
          until('a change', pids).catch(error => {
            throw new Error(`${(error as Error).message}; it said:\n${job.log}`)
          }),
        hasChanged: () => {
          try {
            return pids().length > 0
          } catch {
            return false
          }
        },
        finish: () => writeFileSync(done, ''),
      }
    }

    it('G4: holds the label exclusively during the change, as its own session, with a valid token', async () => {
      const { job, project, changing, finish } = deploy(7)
      await changing()
      // The runner passes a job's output on a moment later.
      await job.says('token 1 on stack:web is current')
      expect(await claims()).toEqual([
        expect.objectContaining({
          resource_label: 'stack:web',
          mode: 'exclusive',
          session_id: expect.stringMatching(ci.session(7)),
          purpose: `deploy ${headOf(project)}`,
        }),
      ])
      finish()
      expect(await job.ended(), job.log).toBe(0)
      expect(await claims()).toEqual([])
      expect(job.log).not.toContain(PASSWORD)
      // A terminal without height must not start a pager, which would wait for a key.
      expect(job.log).not.toContain('Press RETURN')
    })

    it('G4: makes the second of two runs on one host wait, names the first, and continues when the first is done', async () => {
      const first = deploy(7)
      await first.changing()
      const [{ session_id: holder }] = await claims()
      const second = deploy(8)
      await second.job.says(`waiting for stack:web, which is held by ${holder} `)
      expect(second.hasChanged()).toBe(false)
      first.finish()
      expect(await first.job.ended()).toBe(0)

      await second.changing()
      await second.job.says('token 2 on stack:web is current')
      const [{ session_id: next }] = await claims()
      expect(next).toMatch(ci.session(8))
      expect(next).not.toBe(holder)
      second.finish()
      expect(await second.job.ended()).toBe(0)
    })

    it('fails if the deploy fails, and releases the label', async () => {
      const { job, changing, finish } = deploy(7, { thenFails: true })
      await changing()
      finish()
      expect(await job.ended()).not.toBe(0)
      expect(await claims()).toEqual([])
    })

    if (ci.letsGo)
      it('ends when it is cancelled, together with its deploy, and releases the label', async () => {
        const { job, changing } = deploy(7)
        const pids = await changing()
        ci.cancel(job)
        // Which status it has is up to the runner: the job was cancelled on purpose.
        await job.ended()
        expect(pids.filter(isRunning)).toEqual([])
        expect(await claims()).toEqual([])
      })
    else
      it('is killed when it is cancelled, and the label is still held for its ttl of 5 minutes', async () => {
        const { job, changing } = deploy(7)
        await changing()
        ci.cancel(job)
        await job.ended()
        const held = { ttl_seconds: 300, session_id: expect.stringMatching(ci.session(7)) }
        expect(await claims()).toEqual([expect.objectContaining(held)])
        expect(await ana('claim', 'stack:web', '--exclusive', '--purpose', 'p')).toMatchObject({ status: 1 })
      })

    it('fails without deploying if the board does not answer', async () => {
      const { job, hasChanged } = deploy(7, { dsn: `mysql://ci@127.0.0.1:${await freePort()}/nowhere` })
      expect(await job.ended()).not.toBe(0)
      // act sometimes drops the output of a step that ends at once, and prints only the step's exit status.
      expect(job.log).toMatch(/presence: NOT claimed |exit status 3\b/)
      expect(hasChanged()).toBe(false)
    })
  })
})
