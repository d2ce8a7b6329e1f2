import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CoordOutbox } from '../../src/coord/outbox/outbox.ts'
import { replayCoordOutbox, type Send } from '../../src/coord/outbox/replay.ts'
import { HOUR_MS, line, linesOf, nameOf, project } from './queued.ts'

type Queue = ReturnType<typeof project>

const names = ({ folder }: Queue) => readdirSync(join(folder, '.claude'))

/** A sync whose calls all succeed. It runs `meanwhile[name]` at the call for that component. */
function syncing(queue: Queue, meanwhile: Readonly<Record<string, () => void>> = {}) {
  const made: string[] = []
  const send: Send = async request => {
    const name = nameOf(request)
    made.push(name)
    meanwhile[name]?.()
    return { status: 200, body: '' }
  }
  return { sync: () => replayCoordOutbox(new CoordOutbox(queue.folder), send), made }
}

/** An outbox file that a client has open for appending. */
function opened(path: string) {
  const file = openSync(path, 'a')
  return { write: (text: string) => void writeSync(file, text), [Symbol.dispose]: () => closeSync(file) }
}

/** Sets this process's clock forward until the end of the test. */
function later(ms: number) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
  onTestFinished(() => void vi.useRealTimers())
}

describe('the replay of an outbox that clients write meanwhile', () => {
  it('loses no line that is appended while syncs run one after another', async () => {
    const queue = project('')
    const count = 2_000
    const script = `const { appendFileSync } = require('node:fs')
    for (let at = 0; at < ${count}; at++)
      appendFileSync(process.argv[1], JSON.stringify({ method: 'PUT', path: '/api/coord/components/shop/c' + at, body: {} }) + '\\n')`
    const appender = spawn(process.execPath, ['-e', script, queue.path], { stdio: 'inherit' })
    const ended = once(appender, 'close')
    const made: string[] = []
    const sync = () =>
      replayCoordOutbox(new CoordOutbox(queue.folder), async request => {
        // Sometimes there is no answer, and the rest stays.
        if (Math.random() < 0.001) return undefined
        made.push(nameOf(request))
        return { status: 200, body: '' }
      })
    while (appender.exitCode === null) {
      await sync()
      await new Promise(resolve => setImmediate(resolve))
    }
    await ended
    for (let tries = 0; tries < 100 && (await sync()).left > 0; tries++);
    expect(made).toEqual(Array.from({ length: count }, (_, at) => `c${at}`))
  })

  it('includes lines that are appended during it', async () => {
    const queue = project(line('a') + line('b'))
    using file = opened(queue.path)
    const { sync, made } = syncing(queue, {
      a: () => file.write(line('c')),
      c: () => appendFileSync(queue.path, line('d')),
    })
    expect(await sync()).toMatchObject({ done: 4, left: 0 })
    expect(made).toEqual(['a', 'b', 'c', 'd'])
  })

  it('includes the lines of a file that replaces the outbox during it', async () => {
    const queue = project(line('a'))
    const { sync, made } = syncing(queue, {
      a: () => {
        writeFileSync(`${queue.path}.new`, line('b'))
        renameSync(`${queue.path}.new`, queue.path)
      },
    })
    expect(await sync()).toMatchObject({ done: 2, left: 0 })
    expect(made).toEqual(['a', 'b'])
  })

  it('delivers lines that a client still writes to a renamed file, before newer lines', async () => {
    const queue = project(line('a') + line('b'))
    using file = opened(queue.path)
    const { sync, made } = syncing(queue)
    await sync()
    expect(names(queue)).toEqual([expect.stringMatching(/^coord-queue\.past-\d+\.jsonl$/)])
    file.write(line('c') + line('d').slice(0, 20))
    writeFileSync(queue.path, line('e'))
    expect(await sync()).toMatchObject({ done: 2, left: 1 })
    expect(made.join('')).toBe('abce')
    file.write(line('d').slice(20))
    expect(await sync()).toMatchObject({ done: 1, left: 0 })
    file.write(line('f'))
    await sync()
    expect(made.join('')).toBe('abcedf')
  })

  it('removes a file a minute after the last write to it, not earlier', async () => {
    const queue = project(line('a'))
    const { sync } = syncing(queue)
    await sync()
    await sync()
    expect(names(queue)).toHaveLength(1)
    later(61_000)
    await sync()
    expect(names(queue)).toEqual([])
  })

  it('keeps the order of lines that a client writes after a call that got no answer', async () => {
    const queue = project(line('a') + line('b'))
    const answers = ['a']
    const made: string[] = []
    const sync = () =>
      replayCoordOutbox(new CoordOutbox(queue.folder), async request => {
        if (!answers.includes(nameOf(request))) return undefined
        made.push(nameOf(request))
        return { status: 200, body: '' }
      })
    using file = opened(queue.path)
    await sync()
    file.write(line('c'))
    answers.push('b', 'c')
    await sync()
    expect(made).toEqual(['a', 'b', 'c'])
  })

  it('stops if a client never stops writing, and reports how many lines are left and why', async () => {
    const queue = project(line('a'))
    using file = opened(queue.path)
    const first = await syncing(queue, { a: () => file.write(line('a')) }).sync()
    expect(first).toMatchObject({ left: 1, reason: expect.stringContaining('written during') })
    expect(first.done).toBeGreaterThan(10)
    expect(await syncing(queue).sync()).toMatchObject({ done: 1, left: 0 })
  })

  it('turns a line that was written in two parts into one call', async () => {
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
      expect(await syncing(queue).sync()).toMatchObject({ done: 1, damaged: [], left: 0 })
    }
  })

  it('leaves an unfinished line in the outbox', async () => {
    const [half, rest] = [line('a').slice(0, 20), line('a').slice(20)]
    const queue = project(half)
    const { sync, made } = syncing(queue)
    expect(await sync()).toMatchObject({ done: 0, damaged: [], left: 1 })
    expect(linesOf(queue.path)).toEqual([half])
    appendFileSync(queue.path, rest)
    expect(await sync()).toMatchObject({ done: 1, left: 0 })
    expect(made).toEqual(['a'])
  })

  it('accepts a complete last line without a newline, and treats a half line that is older than a minute as damaged', async () => {
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
    expect(old.aside()).toEqual([line('b').slice(0, 20)])
  })
})

describe('the replay of an outbox', () => {
  it('reaches the end of the outbox, however long it is', async () => {
    const queue = project(Array.from({ length: 1_200 }, (_, at) => line(`c${at}`)).join(''))
    expect(await syncing(queue).sync()).toMatchObject({ done: 1_200, left: 0 })
  })

  it('repeats only the last call if the process died during it', async () => {
    const queue = project(line('a') + line('b') + line('c'))
    const die = () => {
      throw new Error('died')
    }
    const died = syncing(queue, { b: die })
    await expect(died.sync()).rejects.toThrow('died')
    const next = syncing(queue)
    expect(await next.sync()).toMatchObject({ done: 2, left: 0 })
    expect([died.made, next.made]).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ])
  })

  it('continues files of earlier versions where those stopped', async () => {
    const queue = project(line('d'))
    const file = (name: string) => join(queue.folder, `.claude/coord-queue.${name}.jsonl`)
    writeFileSync(file('taken'), line('a'))
    writeFileSync(file(`past-${line('x').length}-1`), line('x') + line('b'))
    writeFileSync(file('past-0-2'), line('c'))
    const { sync, made } = syncing(queue)
    expect(await sync()).toMatchObject({ done: 4, left: 0 })
    expect(made.join('')).toBe('abcd')
    later(61_000)
    await sync()
    expect(names(queue)).toEqual([])
  })

  it('names a past file that can’t be read', async () => {
    const queue = project(line('a'))
    const past = join(queue.folder, '.claude/coord-queue.past-1.jsonl')
    symlinkSync(queue.path, past)
    await expect(syncing(queue).sync()).rejects.toThrow(`${past} can't be used: it is a link`)
    expect(existsSync(queue.path)).toBe(true)
  })
})
