import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../../../../e2e/support/scratch.ts'
import { accepted } from '../../../core/test/answers.ts'
import { describeEachDatabase } from '../../../core/test/stores.ts'
import { CoordQueueFile } from '../../src/coord/queue/file.ts'
import { replayCoordQueue } from '../../src/coord/queue/replay.ts'
import { syncCoordQueue } from '../../src/index.ts'
import { serveOn } from './support.ts'

const HOUR_MS = 3_600_000
const said = (agoMs: number, method: string, path: string, body: unknown = null) =>
  `${JSON.stringify({ ts: new Date(Date.now() - agoMs).toISOString(), method, path: `/api/coord/${path}`, body })}\n`
const state = (name: string) => ({ state: name, version: '0.3.0', notes: '...', updated_by: 'HOST/agent' })

/** A project's folder with a queue in it. */
function project(text: string) {
  const folder = scratchFolder()
  mkdirSync(join(folder, '.claude'))
  const path = join(folder, '.claude/coord-queue.jsonl')
  writeFileSync(path, text)
  const aside = join(folder, '.claude/coord-queue.aside.jsonl')
  return {
    folder,
    path,
    aside: () => readFileSync(aside, 'utf8').split('\n').filter(Boolean),
    sync: (dsn: string) =>
      syncCoordQueue({ dsn, cwd: folder, env: { HOME: folder, XDG_STATE_HOME: folder }, version: '0' }),
  }
}

describeEachDatabase('the queue of the coordination API', store => {
  it('is replayed once, in order and with its own times, and is gone then', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const queue = project(
      said(2 * HOUR_MS, 'PUT', 'components/gururmm/server', state('building')) +
        said(HOUR_MS, 'PUT', 'components', {
          project_key: 'gururmm',
          component: 'server',
          ...state('deployed'),
        }) +
        said(HOUR_MS, 'POST', 'messages', { from_session: 'HOST/agent', subject: 's', body: 'b' }) +
        said(0, 'POST', 'workflows', { project_key: 'gururmm', name: 'w', created_by: 'HOST/agent' }),
    )
    const text = readFileSync(queue.path, 'utf8')
    expect(await queue.sync(board.dsn)).toMatchObject({ done: 4, refused: [], damaged: [], left: 0 })
    expect(existsSync(queue.path)).toBe(false)

    const check = async () => {
      const { rows, asOf } = accepted(
        await ana.components.history({ project: 'gururmm', component: 'server' }),
      )
      expect(
        rows.map(row => [row.state, Math.round((asOf.getTime() - row.updatedAt.getTime()) / HOUR_MS)]),
      ).toEqual([
        ['deployed', 1],
        ['building', 2],
      ])
      const inbox = accepted(await ana.messages.inbox())
      expect(
        inbox.rows.map(row => Math.round((inbox.asOf.getTime() - row.sentAt.getTime()) / HOUR_MS)),
      ).toEqual([1])
      expect(accepted(await ana.workflows.list()).rows).toHaveLength(1)
    }
    await check()
    // A process that died before it had cut the file down does it all again.
    writeFileSync(queue.path, text)
    expect(await queue.sync(board.dsn)).toMatchObject({ done: 4, left: 0 })
    await check()
  })

  it('goes to the server that the board is behind, and nowhere else', async () => {
    await using board = await store.newBoard()
    const queue = project(
      said(HOUR_MS, 'PUT', 'components/gururmm/server', state('deployed')) +
        said(0, 'PUT', 'components/No Slug/server', state('deployed')) +
        said(0, 'DELETE', 'locks?session_id=HOST%2Fagent&release_all=true'),
    )
    const text = readFileSync(queue.path, 'utf8')
    expect(await queue.sync('http://127.0.0.1:1')).toMatchObject({ done: 0, left: 3 })
    expect(readFileSync(queue.path, 'utf8')).toBe(text)
    await using coord = await serveOn(board.dsn)
    expect(await queue.sync(coord.url)).toMatchObject({
      done: 2,
      refused: [{ reason: expect.stringContaining('project') }],
      left: 0,
    })
    const { body } = await coord.get('components')
    const [{ state: now, updated_at: at }] = body.components
    expect([now, Math.round((Date.parse(body.as_of) - Date.parse(at)) / HOUR_MS)]).toEqual(['deployed', 1])
  })

  it('tells what the board refuses and what it can’t read, sets both aside, and goes on', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await ana.claimExclusively('node:k8s-1', { purpose: 'p' }))
    const lock = {
      project_key: 'shop',
      session_id: 'HOST/agent',
      resource: 'node:k8s-1',
      description: 'd',
      ttl_hours: 2,
    }
    const held = said(0, 'POST', 'locks', lock)
    const { ttl_hours: _, ...unaged } = lock
    const old = said(72 * HOUR_MS, 'POST', 'locks', { ...unaged, resource: 'a' })
    const escaped = said(0, 'POST', '%6cocks', { ...lock, resource: 'b', ttl_hours: 0 })
    const steal = said(0, 'DELETE', 'locks/x?session_id=HOST%2Fagent&force=true&reason=r')
    const outside = `${JSON.stringify({ method: 'POST', path: '/api/v1/claim', body: {} })}\n`
    const queue = project(
      `{"half\n${held}${outside}\n${old}${steal}${escaped}${said(0, 'DELETE', 'locks/gone?session_id=a')}`,
    )
    const done = await queue.sync(board.dsn)
    expect(done).toMatchObject({ done: 1, left: 0 })
    expect(done.damaged.map(({ line }) => `${line}\n`)).toEqual(['{"half\n', outside])
    expect(done.refused.map(({ line }) => `${line}\n`)).toEqual([held, old, steal, escaped])
    expect(done.refused.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^takes a lock, which is never/),
      expect.stringMatching(/^takes a lock, which is never/),
      expect.stringMatching(/^takes a lock away, which is never/),
      expect.stringMatching(/^takes a lock, which is never/),
    ])
    expect(queue.aside()).toHaveLength(6)
    expect(existsSync(queue.path)).toBe(false)
    expect(accepted(await (await board.as('HOST/agent')).list({ mine: true })).claims).toEqual([])
  })

  it('stays, in order, from the call on that the board gives no answer to', async () => {
    await using board = await store.newBoard()
    const queue = project(said(0, 'PUT', 'components/shop/a', state('built')))
    appendFileSync(queue.path, said(0, 'PUT', 'components/shop/b', state('built')))
    const text = readFileSync(queue.path, 'utf8')
    const nowhere = 'mysql://root@127.0.0.1:1/nowhere'
    expect(await queue.sync(nowhere)).toMatchObject({ done: 0, left: 2 })
    expect(readFileSync(queue.path, 'utf8')).toBe(text)
    expect(await queue.sync(board.dsn)).toMatchObject({ done: 2, left: 0 })
  })

  it('is worked off by one of several at once', async () => {
    await using board = await store.newBoard()
    const lines = Array.from({ length: 60 }, (_, at) =>
      said(60_000 - at, 'PUT', `components/shop/c${at}`, state('built')),
    )
    const queue = project(lines.join(''))
    const all = await Promise.allSettled([1, 2, 3].map(() => queue.sync(board.dsn)))
    const done = all.map(each => (each.status === 'fulfilled' ? each.value.done : 0))
    expect(done.reduce((sum, each) => sum + each, 0)).toBe(60)
    const ana = await board.as('ana')
    expect(accepted(await ana.components.list({ limit: 100 })).rows).toHaveLength(60)
  })
})

it('keeps what is appended while the queue is worked off, and what another file put in its place says', async () => {
  const queue = project(said(0, 'PUT', 'components/shop/a', state('built')))
  const file = new CoordQueueFile(queue.folder)
  const late = said(0, 'PUT', 'components/shop/b', state('built'))
  const first = await replayCoordQueue(file, async ({ path }) => {
    if (path.includes('/a?')) appendFileSync(queue.path, late)
    return path.includes('/a?') ? { status: 200, detail: undefined } : undefined
  })
  expect([first.done, readFileSync(queue.path, 'utf8')]).toEqual([1, late])
  await replayCoordQueue(file, async () => {
    writeFileSync(queue.path, 'another\n')
    return { status: 200, detail: undefined }
  })
  expect(readFileSync(queue.path, 'utf8')).toBe('another\n')
})

it('loses no line that is appended while one sync follows another', async () => {
  const queue = project('')
  const file = new CoordQueueFile(queue.folder)
  const count = 2_000
  const script = `const { appendFileSync } = require('node:fs')
    for (let at = 0; at < ${count}; at++)
      appendFileSync(process.argv[1], JSON.stringify({ method: 'PUT', path: '/api/coord/components/shop/c' + at, body: {} }) + '\\n')`
  const appender = spawn(process.execPath, ['-e', script, queue.path], { stdio: 'inherit' })
  const ended = once(appender, 'close')
  const made = new Set<string>()
  const sync = () =>
    replayCoordQueue(file, async ({ path }) => {
      // Now and then there is no answer, and what is left is given back.
      if (Math.random() < 0.001) return undefined
      made.add(path)
      return { status: 200, detail: undefined }
    })
  while (appender.exitCode === null) {
    await sync()
    await new Promise(resolve => setImmediate(resolve))
  }
  await ended
  for (let tries = 0; tries < 100 && (existsSync(queue.path) || file.isTaken); tries++) await sync()
  expect(made.size).toBe(count)
})

it('keeps in order what fails the server for now, and sets aside what is refused, or fails for a week', async () => {
  for (const status of [408, 425, 429, 500, 502, 503, 504, 401]) {
    const lines = ['a', 'b', 'c'].map(name => said(0, 'PUT', `components/shop/${name}`, state('built')))
    const queue = project(lines.join(''))
    const file = new CoordQueueFile(queue.folder)
    const answers = [200, status]
    const first = await replayCoordQueue(file, async () => ({
      status: answers.shift() ?? 200,
      detail: 'why',
    }))
    expect(first, `${status}`).toMatchObject({ done: 1, left: 2, refused: [], reason: 'why' })
    expect(readFileSync(queue.path, 'utf8')).toBe(lines.slice(1).join(''))
    expect(await replayCoordQueue(file, async () => ({ status: 200, detail: undefined }))).toMatchObject({
      done: 2,
      left: 0,
    })
  }
  for (const [agoMs, status] of [
    [0, 400],
    [0, 403],
    [0, 404],
    [0, 409],
    [0, 422],
    [8 * 24 * HOUR_MS, 500],
  ] as const) {
    const queue = project(said(agoMs, 'PUT', 'components/shop/a', state('built')))
    const send = async () => ({ status, detail: undefined })
    const { refused } = await replayCoordQueue(new CoordQueueFile(queue.folder), send)
    expect([refused.length, queue.aside().length], `${status}`).toEqual([1, 1])
  }
})

it('makes what is written to a queue after it was worked off, by who had it open then', async () => {
  const line = (name: string) => said(0, 'PUT', `components/shop/${name}`, state('built'))
  const queue = project(line('a') + line('b'))
  const open = openSync(queue.path, 'a')
  const made: string[] = []
  const sync = (file = new CoordQueueFile(queue.folder)) =>
    replayCoordQueue(file, async ({ path }) => {
      made.push(path.split('?')[0]?.at(-1) ?? '')
      return { status: 200, detail: undefined }
    })
  await sync()
  writeSync(open, line('c') + line('d').slice(0, 20))
  writeFileSync(queue.path, line('e'))
  await sync()
  expect(made.join('')).toBe('abce')
  writeSync(open, line('d').slice(20))
  await sync()
  writeSync(open, line('f'))
  await sync()
  expect(made.join('')).toBe('abcedf')
  closeSync(open)
  const names = () => readdirSync(join(queue.folder, '.claude'))
  expect(names().every(name => name.includes('.past-'))).toBe(true)
  const file = new CoordQueueFile(queue.folder)
  file.gather(Date.now() + 61_000)
  expect(names()).toEqual([])
})

it('keeps what another writes to a queue that was given back, and then taken again', async () => {
  const line = (name: string) => said(0, 'PUT', `components/shop/${name}`, state('built'))
  const queue = project(line('a') + line('b'))
  const file = new CoordQueueFile(queue.folder)
  const made: string[] = []
  const sync = (answers: readonly string[]) =>
    replayCoordQueue(file, async ({ path }) => {
      const name = path.split('?')[0]?.at(-1) ?? ''
      if (!answers.includes(name)) return undefined
      made.push(name)
      return { status: 200, detail: undefined }
    })
  await sync(['a'])
  const open = openSync(queue.path, 'a')
  await sync(['b'])
  writeSync(open, line('c'))
  closeSync(open)
  await sync(['c'])
  expect(made).toEqual(['a', 'b', 'c'])
})

it('goes on with what another sync had taken and not finished, before what came since', async () => {
  const [first, second] = ['a', 'b'].map(name => said(0, 'PUT', `components/shop/${name}`, state('built')))
  const queue = project(first ?? '')
  renameSync(queue.path, join(queue.folder, '.claude/coord-queue.taken.jsonl'))
  writeFileSync(queue.path, second ?? '')
  const file = new CoordQueueFile(queue.folder)
  expect(await replayCoordQueue(file, async () => undefined)).toMatchObject({ done: 0, left: 2 })
  const made: string[] = []
  const done = await replayCoordQueue(file, async ({ path }) => {
    made.push(path.split('?')[0]?.at(-1) ?? '')
    return { status: 200, detail: undefined }
  })
  expect([done.left, made]).toEqual([0, ['a', 'b']])
  expect([file.isTaken, existsSync(queue.path)]).toEqual([false, false])
})

it('is refused where it is no regular file', async () => {
  const queue = project('')
  const elsewhere = join(queue.folder, 'elsewhere')
  writeFileSync(elsewhere, said(0, 'PUT', 'components/shop/a', state('built')))
  const other = project('')
  const linked = new CoordQueueFile(join(other.folder, 'p'))
  mkdirSync(join(other.folder, 'p/.claude'), { recursive: true })
  symlinkSync(elsewhere, linked.path)
  expect(() => linked.take()).toThrow('not a regular file')
})

describe('in a checkout of a stranger’s', () => {
  const answer = async () => ({ status: 422, detail: 'no' })
  const victim = (queue: { readonly folder: string }) => {
    const path = join(queue.folder, 'victim')
    writeFileSync(path, 'mine\n')
    return path
  }

  it('what is set aside is written through no link', async () => {
    const queue = project('echo PWNED\n')
    const mine = victim(queue)
    symlinkSync(mine, join(queue.folder, '.claude/coord-queue.aside.jsonl'))
    await expect(replayCoordQueue(new CoordQueueFile(queue.folder), answer)).rejects.toMatchObject({
      code: 'access_denied',
    })
    expect(readFileSync(mine, 'utf8')).toBe('mine\n')
  })

  it('what is left is written through no link', async () => {
    const queue = project('echo PWNED\n'.repeat(51))
    const mine = victim(queue)
    for (const name of ['coord-queue.jsonl.new', 'coord-queue.taken.jsonl.new'])
      symlinkSync(mine, join(queue.folder, '.claude', name))
    const done = await replayCoordQueue(new CoordQueueFile(queue.folder), answer)
    expect(done.damaged).toHaveLength(51)
    expect(readFileSync(mine, 'utf8')).toBe('mine\n')
  })

  it('a folder that is a link is refused', async () => {
    const queue = project('echo PWNED\n')
    renameSync(join(queue.folder, '.claude'), join(queue.folder, 'elsewhere'))
    symlinkSync('elsewhere', join(queue.folder, '.claude'))
    await expect(replayCoordQueue(new CoordQueueFile(queue.folder), answer)).rejects.toThrow('own')
  })

  it('a queue that git tracks speaks for nobody', async () => {
    const queue = project(said(0, 'PUT', 'components/shop/a', state('built')))
    const git = (...args: string[]) => execFileSync('git', args, { cwd: queue.folder, stdio: 'pipe' })
    const dsn = `sqlite:${join(queue.folder, 'board.db')}`
    git('init', '-q')
    git('add', '-f', '.claude')
    await expect(queue.sync(dsn)).rejects.toThrow('git tracks .claude/coord-queue.jsonl')
    git('rm', '-q', '--cached', '-r', '.claude')
    const past = join(queue.folder, '.claude/coord-queue.past-0-1.jsonl')
    writeFileSync(past, said(0, 'PUT', 'components/shop/b', state('built')))
    git('add', '-f', past)
    await expect(queue.sync(dsn)).rejects.toThrow('git tracks .claude/coord-queue.past')
    git('rm', '-q', '--cached', past)
    rmSync(past)
    expect(await queue.sync(dsn)).toMatchObject({ done: 1, left: 0 })
  })
})
