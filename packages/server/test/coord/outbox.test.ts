import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Failures } from '@presence/core/internal'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { accepted } from '../../../core/test/answers.ts'
import { describeEachDatabase } from '../../../core/test/stores.ts'
import { CoordOutbox } from '../../src/coord/outbox/outbox.ts'
import { replayCoordOutbox } from '../../src/coord/outbox/replay.ts'
import { HOUR_MS, linesOf, project, said, state } from './queued.ts'
import { serveOn } from './support.ts'

describeEachDatabase('the outbox of the coordination API', store => {
  it('is replayed once, in order and with the original times, and then removed', async () => {
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
    // The same calls again, as after a process died before it took them off the file.
    writeFileSync(queue.path, text)
    expect(await queue.sync(board.dsn)).toMatchObject({ done: 4, left: 0 })
    await check()
  })

  it('is sent only to the server of the board', async () => {
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

  it('reports refused calls and unreadable lines, makes them dead letters, and continues', async () => {
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
      expect.stringMatching(/^the call would take a lock, and such calls are never/),
      expect.stringMatching(/^the call would take a lock, and such calls are never/),
      expect.stringMatching(/^the call would take a lock away .*such calls are never/),
      expect.stringMatching(/^the call would take a lock, and such calls are never/),
    ])
    expect(queue.aside()).toHaveLength(6)
    expect(existsSync(queue.path)).toBe(false)
    expect(accepted(await (await board.as('HOST/agent')).list({ mine: true })).claims).toEqual([])
  })

  it('keeps its calls in order, from the first one that gets no answer', async () => {
    await using board = await store.newBoard()
    const queue = project(said(0, 'PUT', 'components/shop/a', state('built')))
    appendFileSync(queue.path, said(0, 'PUT', 'components/shop/b', state('built')))
    const text = readFileSync(queue.path, 'utf8')
    const nowhere = 'mysql://root@127.0.0.1:1/nowhere'
    expect(await queue.sync(nowhere)).toMatchObject({ done: 0, left: 2 })
    expect(readFileSync(queue.path, 'utf8')).toBe(text)
    expect(await queue.sync(board.dsn)).toMatchObject({ done: 2, left: 0 })
  })

  it('is replayed by only one of several processes at a time', async () => {
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

it('a replay keeps calls in order on temporary failures, and makes refused calls dead letters', async () => {
  for (const status of [408, 425, 429, 500, 502, 503, 504, 401]) {
    const lines = ['a', 'b', 'c'].map(name => said(0, 'PUT', `components/shop/${name}`, state('built')))
    const queue = project(lines.join(''))
    const outbox = new CoordOutbox(queue.folder)
    const answers = [200, status]
    const first = await replayCoordOutbox(outbox, async () => ({
      status: answers.shift() ?? 200,
      body: JSON.stringify({ detail: 'why' }),
    }))
    expect(first, `${status}`).toMatchObject({ done: 1, left: 2, refused: [], reason: 'why' })
    expect(linesOf(queue.path)).toEqual(lines.slice(1))
    expect(await replayCoordOutbox(outbox, async () => ({ status: 200, body: '' }))).toMatchObject({
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
  ] as const) {
    const queue = project(said(agoMs, 'PUT', 'components/shop/a', state('built')))
    const send = async () => ({ status, body: '' })
    const { refused } = await replayCoordOutbox(new CoordOutbox(queue.folder), send)
    expect([refused.length, queue.aside().length], `${status}`).toEqual([1, 1])
  }
})

it('a call becomes a dead letter only if it keeps failing for long while the server answers others, however old it is', async () => {
  const queue = project(said(30 * 24 * HOUR_MS, 'PUT', 'components/shop/a', state('built')))
  const failures = new Failures(join(queue.folder, 'failures'))
  let isUp = false
  const send = async ({ method }: { readonly method: string }) => ({
    status: method === 'GET' && isUp ? 200 : 500,
    body: JSON.stringify({ detail: 'broken' }),
  })
  const sync = () => replayCoordOutbox(new CoordOutbox(queue.folder), send, failures)
  for (let tries = 0; tries < 12; tries++) expect(await sync()).toMatchObject({ refused: [], left: 1 })
  isUp = true
  expect(await sync(), 'too soon').toMatchObject({ refused: [], left: 1 })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
  onTestFinished(() => void vi.useRealTimers())
  isUp = false
  expect(await sync(), 'the server answers nothing').toMatchObject({ refused: [], left: 1 })
  isUp = true
  expect(await sync()).toMatchObject({ refused: [{ reason: 'broken' }], left: 0 })
  expect(queue.aside()).toHaveLength(1)
})

describe('in an untrusted checkout, a replay', () => {
  const answer = async () => ({ status: 422, body: '' })
  const victim = (queue: { readonly folder: string }) => {
    const path = join(queue.folder, 'victim')
    writeFileSync(path, 'mine\n')
    return path
  }

  it('does not write dead letters through a link', async () => {
    const queue = project('echo PWNED\n')
    const mine = victim(queue)
    symlinkSync(mine, join(queue.folder, '.claude/coord-queue.aside.jsonl'))
    await expect(replayCoordOutbox(new CoordOutbox(queue.folder), answer)).rejects.toMatchObject({
      code: 'access_denied',
    })
    expect(readFileSync(mine, 'utf8')).toBe('mine\n')
  })

  it('neither makes the calls of a linked outbox nor writes to it', async () => {
    const queue = project('')
    const elsewhere = victim(queue)
    rmSync(queue.path)
    symlinkSync(elsewhere, queue.path)
    await expect(replayCoordOutbox(new CoordOutbox(queue.folder), answer)).rejects.toThrow('it is a link')
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine\n')
  })

  it('refuses an outbox that is not a regular file', async () => {
    const queue = project('')
    rmSync(queue.path)
    execFileSync('mkfifo', [queue.path])
    const replayed = replayCoordOutbox(new CoordOutbox(queue.folder), answer)
    await expect(replayed).rejects.toThrow('it is not a regular file')
  })

  it('refuses a folder that is a link', async () => {
    const queue = project('echo PWNED\n')
    renameSync(join(queue.folder, '.claude'), join(queue.folder, 'elsewhere'))
    symlinkSync('elsewhere', join(queue.folder, '.claude'))
    await expect(replayCoordOutbox(new CoordOutbox(queue.folder), answer)).rejects.toThrow(
      'is a link or not a folder',
    )
  })

  it('refuses an outbox that git tracks', async () => {
    const queue = project(said(0, 'PUT', 'components/shop/a', state('built')))
    const git = (...args: string[]) => execFileSync('git', args, { cwd: queue.folder, stdio: 'pipe' })
    const dsn = `sqlite:${join(queue.folder, 'board.db')}`
    git('init', '-q')
    git('add', '-f', '.claude')
    await expect(queue.sync(dsn)).rejects.toThrow('git tracks .claude/coord-queue.jsonl')
    git('rm', '-q', '--cached', '-r', '.claude')
    const past = join(queue.folder, '.claude/coord-queue.past-1.jsonl')
    writeFileSync(past, said(0, 'PUT', 'components/shop/b', state('built')))
    git('add', '-f', past)
    await expect(queue.sync(dsn)).rejects.toThrow('git tracks .claude/coord-queue.past')
    git('rm', '-q', '--cached', past)
    rmSync(past)
    expect(await queue.sync(dsn)).toMatchObject({ done: 1, left: 0 })
  })
})
