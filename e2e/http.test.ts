import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openBoard, PresenceError } from '@presence/core'
import { expect, it } from 'vitest'
import { hook } from '../packages/hooks/test/hook-process.ts'
import { answered } from './support/answered.ts'
import { presence } from './support/cli.ts'
import { PresenceServer } from './support/presence-server.ts'
import { CLAIM, newUser } from './support/queue-file.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { until } from './support/until.ts'

describeEachEngine('the command with a board behind a presence server', engine => {
  const serve = async () => PresenceServer.start((await newBoardOn(engine.port)).dsn)

  it('claims, lists, releases and reports as with any other board', async () => {
    await using server = await serve()
    const user = newUser(server.url)

    expect((await user.as('ana', ...CLAIM('node:a'))).stdout).toMatch(/^presence: claimed node:a until .*\n$/)
    const told = await user.as('bob', ...CLAIM('node:a'))
    expect(told.stdout).toContain('ana')
    expect((await user.as('bob', 'list')).stdout).toMatch(/node:a +ana/)
    const refused = await user.as('eve', 'release', 'node:a')
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('held by ana, bob') })
    expect((await user.as('ana', 'release', 'node:a')).stdout).toContain('released node:a')
    expect((await user.as('ana', 'who')).stdout).toContain('bob')
    expect((await user.as('ana', 'log')).stdout).toContain('release')
  })

  it('gives one session at a time an exclusive claim, and the next session’s run waits for its turn', async () => {
    await using server = await serve()
    const user = newUser(server.url)
    const run = (session: string, command: string) =>
      new Running(
        [
          'run',
          '--claim',
          'stack:gpu',
          '--exclusive',
          '--wait',
          '30s',
          '--purpose',
          'apply',
          '--',
          'sh',
          '-c',
          command,
        ],
        user.env(session),
      )
    await using first = run('ana', 'echo "ana $PRESENCE_TOKEN"; exec sleep 600')
    expect(await first.line(/ana/)).toBe('ana 1')
    await using second = run('bob', 'echo "bob $PRESENCE_TOKEN"')
    await until('bob to wait', () => /waiting/.test(second.stderr))
    await first.end('SIGTERM')

    expect(await second.line(/bob/)).toBe('bob 2')
    expect(await second.result()).toMatchObject({ status: 0 })
    expect((await user.as('eve', 'list')).stdout).toBe('presence: no active claims\n')
  })

  it('reports claims to an agent through its hooks, which keep the agent’s claims alive', async () => {
    await using server = await serve()
    const user = newUser(server.url)
    await user.as('ana', ...CLAIM('node:a'))
    const agent = {
      HOME: scratchFolder(),
      PRESENCE_DSN: server.url,
      CLAUDE_CODE_SESSION_ID: 'agent',
    }
    const payload = { session_id: 'agent', cwd: '/', hook_event_name: 'SessionStart', source: 'startup' }
    let tries = 0
    const said = await answered(async () => {
      const input = JSON.stringify({ ...payload, prompt_id: tries++ })
      const { status, stdout, stderr } = await hook({ args: ['SessionStart'], input, env: agent })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      return stdout
    })

    expect(JSON.parse(said).hookSpecificOutput.additionalContext).toContain('node:a')
    expect((await user.as('ana', 'who')).stdout).toContain('agent')
  })

  it('G6, G7: stores calls in the outbox while the server is killed, delivers them later, and a watch continues', async () => {
    await using server = await serve()
    const user = newUser(server.url)
    await user.as('bob', ...CLAIM('node:b'))
    await using watch = new Running(['watch', '--json'], user.env('eve'))
    await watch.line(/"present"/)
    await server.kill()
    await watch.line(/"unknown"/)
    for (const args of [CLAIM('node:a'), CLAIM('node:c'), ['release', 'node:c']])
      expect(await user.as('ana', ...args)).toMatchObject({
        status: 0,
        stdout: '',
        stderr: expect.stringMatching(
          /(warning|NOT claimed \S+): presence server unreachable at http[\s\S]*queued/,
        ),
      })
    expect(await user.as('ana', 'claim', 'node:d', '--purpose', 'p', '--exclusive')).toMatchObject({
      status: 3,
    })
    expect(await user.as('ana', 'list', '--strict')).toMatchObject({ status: 3, stdout: '' })

    await server.run()

    expect((await user.untilDelivered('ana', 'sync')).delivered).toBe(3)
    expect((await user.as('bob', 'list')).stdout).toMatch(/node:b[\s\S]*node:a/)
    await watch.line(/"claimed".*node:a/)
    expect(watch.lines.filter(line => /"released".*node:b/.test(line))).toEqual([])
  })

  it('G2: keeps every acknowledged claim when the server is killed during claims, and makes each unanswered claim once', async () => {
    await using server = await serve()
    const state = scratchFolder()
    const labels: string[] = []
    const said = { acknowledged: [] as string[], queued: [] as string[] }
    const claiming = Array.from({ length: 6 }, async (_, worker) => {
      await using board = await openBoard({
        dsn: server.url,
        session: `s${worker}`,
        env: { XDG_STATE_HOME: join(state, `${worker}`) },
      })
      // Goes on until the server was away: a fast one would have answered all before.
      for (let at = 0; at < 10 || said.queued.length === 0; at++) {
        const label = `node:n${worker}-${at}`
        labels.push(label)
        await board.claim(label, { purpose: 'p' }).then(
          outcome => outcome.ok && said.acknowledged.push(label),
          error => {
            if (!(error instanceof PresenceError && error.queued)) throw error
            said.queued.push(label)
          },
        )
        await pause(at < 10 ? 0 : 50)
      }
    })
    await until('some acknowledgements', () => said.acknowledged.length > 12)
    await server.kill()
    await until('some claims without an answer', () => said.queued.length > 0)
    await server.run()
    await Promise.all(claiming)
    for (let worker = 0; worker < 6; worker++) {
      await using board = await openBoard({
        dsn: server.url,
        session: `s${worker}`,
        env: { XDG_STATE_HOME: join(state, `${worker}`) },
      })
      // A server that has just come back may ask to wait a moment.
      await until('the queue to be delivered', async () => (await board.sync()).left === 0)
    }

    await using board = await openBoard({ dsn: server.url, session: 'eve', env: {} })
    const listed = await board.list()
    const claims = listed.ok ? listed.claims.map(({ label }) => label) : []
    expect(said.acknowledged.length + said.queued.length).toBe(labels.length)
    expect(claims.toSorted()).toEqual(labels.toSorted())
  })

  it('tells each client that the database is unreachable, and delivers the stored claims once it is back', async () => {
    const database = await engine.start()
    try {
      await using server = await PresenceServer.start((await newBoardOn(database.port)).dsn)
      const user = newUser(server.url)
      await database.kill()
      for (const label of ['node:a', 'node:b'])
        expect(await user.as('ana', ...CLAIM(label))).toMatchObject({
          status: 0,
          stderr: expect.stringMatching(/unreachable[\s\S]*queued/),
        })
      await database.run()
      const labels = async () => (await user.as('ana', 'list')).stdout.match(/node:\w/g)
      await until('both claims', async () => String(await labels()) === 'node:a,node:b')
    } finally {
      await database.stop()
    }
  })

  it('G9: gets nothing without a token that may act as its session, if the server requires one', async () => {
    const folder = scratchFolder()
    const tokens = join(folder, 'tokens')
    const added = await presence(['token', 'add', 'ana', '--as', 'ana', '--file', tokens])
    const secret = added.stdout.split('\n').find(line => /^\S{20,}$/.test(line)) ?? ''
    const file = join(folder, 'token')
    writeFileSync(file, `${secret}\n`, { mode: 0o600 })
    const { dsn } = await newBoardOn(engine.port)
    await using server = await PresenceServer.start(dsn, '--token-file', tokens)
    const [without, withOne] = [newUser(server.url), newUser(`${server.url}?token-file=${file}`)]

    expect(await without.as('ana', ...CLAIM('node:a'), '--strict')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/denies access[\s\S]*PRESENCE_SERVER_TOKEN/),
    })
    expect((await withOne.as('ana', ...CLAIM('node:a'))).stdout).toMatch(
      /^presence: claimed node:a until .*\n$/,
    )
    expect(await withOne.as('bob', ...CLAIM('node:a'), '--strict')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('token "ana" can\'t act as session "bob": it may only act as "ana"'),
    })
    expect((await withOne.as('ana', 'doctor')).stdout).toContain('token: accepted')
    expect(await without.as('ana', 'doctor')).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('token: none is given'),
    })
  })

  it('works with curl as docs/serve.md shows', async () => {
    await using server = await serve()
    const page = readFileSync(join(import.meta.dirname, '../docs/serve.md'), 'utf8')
    const [shown = ''] = /^curl [\s\S]*?'\n(?=```)/m.exec(page) ?? []
    const script = shown.replace('http://127.0.0.1:8787', server.url)
    const { stdout } = await promisify(execFile)('sh', ['-c', script])
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      is_new: true,
      claim: { resource_label: 'node:k8s-1' },
    })
    expect((await newUser(server.url).as('bob', 'list')).stdout).toMatch(/node:k8s-1 +ana@laptop@1/)
  })

  it('is diagnosed, and can’t migrate the board remotely', async () => {
    await using server = await serve()
    const user = newUser(server.url)
    const { status, stdout } = await user.as('ana', 'doctor')
    expect(stdout).toMatch(/board: presence server \S+ at http:\S+ answers, on the board 127/)
    expect(status).toBe(0)
    expect(await user.as('ana', 'migrate')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('run presence migrate where the server runs'),
    })
    await server.kill()
    const away = await presence(['doctor'], { env: user.env('ana') })
    expect(away).toMatchObject({ status: 3, stdout: expect.stringContaining('connection refused') })
  })
})
