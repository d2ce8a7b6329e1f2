import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CoordQueueFile } from '../../src/coord/queue/file.ts'
import { replayCoordQueue } from '../../src/coord/queue/replay.ts'
import { HOUR_MS, project, said, state } from './queued.ts'

it('keeps lines that are appended during a replay, and a file that replaces the outbox', async () => {
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

it('loses no line that is appended while syncs run one after another', async () => {
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
      // Sometimes there is no answer, and the rest is given back.
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

it('replays lines that a client writes to an outbox file which it opened before the replay', async () => {
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

describe('the replay of an outbox', () => {
  const line = (name: string) => said(0, 'PUT', `components/shop/${name}`, state('built'))
  const names = ({ folder }: { readonly folder: string }) => readdirSync(join(folder, '.claude'))

  /**
   * A sync that runs `meanwhile[name]` at the call for that
   * component, and the names of the calls made so far.
   */
  function syncing(queue: { readonly folder: string }, meanwhile: Readonly<Record<string, () => void>> = {}) {
    const made: string[] = []
    const sync = () =>
      replayCoordQueue(new CoordQueueFile(queue.folder), async ({ path }) => {
        const name = path.split('?')[0]?.split('/').at(-1) ?? ''
        made.push(name)
        meanwhile[name]?.()
        return { status: 200, detail: undefined }
      })
    return { sync, made }
  }

  it('includes lines that are written during it', async () => {
    const queue = project(line('a') + line('b'))
    using file = opened(queue.path)
    const { sync, made } = syncing(queue, {
      a: () => file.write(line('c')),
      c: () => file.write(line('d')),
      d: () => file.write(line('e')),
    })
    expect(await sync()).toMatchObject({ done: 5, left: 0 })
    expect(made).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(names(queue)).toEqual([expect.stringContaining('.past-')])
  })

  it('reaches the end of the outbox, however long it is', async () => {
    const queue = project(Array.from({ length: 1_200 }, (_, at) => line(`c${at}`)).join(''))
    expect(await syncing(queue).sync()).toMatchObject({ done: 1_200, left: 0 })
  })

  it('stops if a client never stops writing, and reports how many lines are left and why', async () => {
    const queue = project(line('a'))
    using file = opened(queue.path)
    const { sync } = syncing(queue, { a: () => file.write(line('a')) })
    const first = await sync()
    expect(first).toMatchObject({ left: 1, reason: expect.stringContaining('written during') })
    expect(first.done).toBeGreaterThan(10)
    const { sync: again } = syncing(queue)
    expect(await again()).toMatchObject({ done: 1, left: 0 })
  })

  it('counts the lines of a new outbox as left', async () => {
    const queue = project(line('a'))
    const { sync } = syncing(queue, { a: () => appendFileSync(queue.path, line('b') + line('c')) })
    expect(await sync()).toMatchObject({
      done: 1,
      left: 2,
      reason: expect.stringContaining('written during'),
    })
  })

  it('makes a line that was written in two parts as one call', async () => {
    const last = line('b')
    for (const [when, made] of [
      ['meanwhile', 'ab'],
      ['later', 'a'],
    ] as const) {
      const queue = project(line('a') + last.slice(0, 20))
      using file = opened(queue.path)
      const end = () => file.write(last.slice(20))
      const first = syncing(queue, when === 'meanwhile' ? { a: end } : {})
      expect(await first.sync(), when).toMatchObject({ damaged: [], left: 2 - made.length })
      expect(first.made.join(''), when).toBe(made)
      if (when === 'meanwhile') continue
      end()
      const next = syncing(queue)
      expect(await next.sync()).toMatchObject({ done: 1, damaged: [], left: 0 })
    }
  })

  it('leaves an unfinished line in the outbox', async () => {
    const [half, rest] = [line('a').slice(0, 20), line('a').slice(20)]
    const queue = project(half)
    const { sync, made } = syncing(queue)
    expect(await sync()).toMatchObject({ done: 0, damaged: [], left: 1 })
    expect(readFileSync(queue.path, 'utf8')).toBe(half)
    appendFileSync(queue.path, rest)
    expect(await sync()).toMatchObject({ done: 1, left: 0 })
    expect(made).toEqual(['a'])
  })

  it('accepts a complete last line without a newline, and treats a half line that is older than 1 s as damaged', async () => {
    const queue = project(line('a').trimEnd())
    expect(await syncing(queue).sync()).toMatchObject({ done: 1, left: 0 })
    const old = project(line('a') + line('b').slice(0, 20))
    const then = new Date(Date.now() - HOUR_MS)
    utimesSync(old.path, then, then)
    expect(await syncing(old).sync()).toMatchObject({
      done: 1,
      damaged: [{ line: line('b').slice(0, 20) }],
      left: 0,
    })
  })

  it.each([
    ['', 0],
    [', also after the time for which the file is kept', 61_000],
  ])('includes lines that make an earlier outbox file larger than the limit%s', async (_, laterMs) => {
    const queue = project(line('a'))
    using file = opened(queue.path)
    await syncing(queue).sync()
    const long = (name: string) =>
      said(0, 'PUT', `components/shop/${name}`, { ...state('built'), notes: 'x'.repeat(1 << 20) })
    const late = Array.from({ length: 6 }, (_, at) => `l${at}`)
    for (const name of late) file.write(long(name))
    new CoordQueueFile(queue.folder).gather(Date.now() + laterMs)
    const { sync, made } = syncing(queue)
    expect(await sync()).toMatchObject({ done: 6, left: 0 })
    expect(made).toEqual(late)
    file.write(line('z'))
    expect(await sync()).toMatchObject({ done: 1, left: 0 })
  })

  it('names an earlier outbox file with an overlong line, and still replays the others', async () => {
    const queue = project(line('a'))
    using file = opened(queue.path)
    await syncing(queue).sync()
    file.write('x'.repeat(5 << 20))
    writeFileSync(queue.path, line('b'))
    using next = opened(queue.path)
    expect(await syncing(queue, { b: () => next.write(line('c')) }).sync()).toMatchObject({
      done: 2,
      damaged: [],
      left: 1,
      reason: expect.stringMatching(/coord-queue\.past-\d+-\d+\.jsonl has a line of more than/),
    })
    next.write(line('d'))
    expect(await syncing(queue).sync()).toMatchObject({ done: 1, left: 1 })
  })

  it('names an earlier outbox file that can’t be read', async () => {
    const queue = project(line('a'))
    const past = join(queue.folder, '.claude/coord-queue.past-0-1.jsonl')
    symlinkSync(queue.path, past)
    await expect(syncing(queue).sync()).rejects.toThrow(`${past} can't be used: it is not a regular file`)
  })
})

/** An outbox file that a client has open for appending. */
function opened(path: string) {
  const file = openSync(path, 'a')
  return { write: (text: string) => void writeSync(file, text), [Symbol.dispose]: () => closeSync(file) }
}

it('keeps lines that a client writes to an outbox file between two replays', async () => {
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
