import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { ASK_EVERY_MS, KeptFile } from './kept.ts'
import type { Task } from './task.ts'

let home: string
beforeEach(() => {
  home = scratchFolder()
})

/** A project's tracker, and its kept answer. */
function kept(project = 'a', more: Record<string, string> = {}): KeptFile {
  const folder = join(home, project, '.beads')
  mkdirSync(folder, { recursive: true })
  return new KeptFile({ folder, program: '/bin/bd' }, { XDG_STATE_HOME: home, ...more })
}

const task = (id: string, more: Partial<Task> = {}): Task => ({
  id,
  title: `title of ${id}`,
  status: 'open',
  priority: undefined,
  assignee: undefined,
  updatedAt: undefined,
  leaseUntil: undefined,
  ...more,
})
const now = new Date()
const before = (ms: number) => new Date(now.getTime() - ms)
const titles = (file: KeptFile) => file.read().answer?.tasks.map(({ title }) => title)

const files = () =>
  readdirSync(join(home, 'presence/tracker')).map(name => join(home, 'presence/tracker', name))

describe('a kept answer', () => {
  it('is read as it was kept, with when the tracker was asked', () => {
    const tasks = [
      task('b', {
        status: 'in_progress',
        assignee: 'ana',
        updatedAt: before(5),
        leaseUntil: new Date(now.getTime() + 5),
        priority: 0,
      }),
      task('a'),
    ]
    kept().keep(tasks, now)
    expect(kept().read().answer).toEqual({ asked: now, tasks, inProgress: 1, open: 1 })
  })

  it('is only readable for the user, is replaced in one step, and is small', () => {
    const many = Array.from({ length: 5_000 }, (_, at) =>
      task(`code-${at}`, { title: '\u{1f680}'.repeat(500), status: at % 2 ? 'open' : 'in_progress' }),
    )
    kept().keep(many, now)
    const [file = '', ...more] = files()
    expect(more).toEqual([])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
    expect(statSync(file).size).toBeLessThan(262_144)
    const { answer } = kept().read()
    expect([answer?.inProgress, answer?.open]).toEqual([2_500, 2_500])
    expect(answer?.tasks).toHaveLength(120)
  })

  it('has the latest updated tasks in progress first, and the most urgent open ones', () => {
    const tasks = [
      task('old', { status: 'in_progress', updatedAt: before(9) }),
      task('new', { status: 'in_progress', updatedAt: before(1) }),
      task('undated', { status: 'in_progress' }),
      task('p2', { priority: 2 }),
      task('p0', { priority: 0 }),
      task('none'),
    ]
    kept().keep(tasks, now)
    const ids = kept()
      .read()
      .answer?.tasks.map(({ id }) => id)
    expect(ids).toEqual(['new', 'old', 'undated', 'p0', 'p2', 'none'])
  })

  it('is not replaced by that of an earlier call, which took longer', () => {
    kept().keep([task('new')], now)
    kept().keep([task('old')], before(5))
    kept().fail('it hung', before(5))
    expect(titles(kept())).toEqual(['title of new'])
    expect(kept().read().failure).toBeUndefined()
  })

  it('stays when the tracker gives none, with since when and why', () => {
    kept().keep([task('a')], before(60_000))
    kept().fail('first', before(40_000))
    kept().fail('then', before(5_000))
    expect(kept().read()).toMatchObject({
      answer: { asked: before(60_000) },
      failure: { since: before(40_000), at: before(5_000), reason: 'then' },
    })
    kept().keep([], now)
    expect(kept().read().failure).toBeUndefined()
  })

  it.each([
    ['nothing', ''],
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['another version’s', (text: string) => text.replace('"version":1', '"version":2')],
    ['a task of another shape', (text: string) => text.replace('"status":"open"', '"status":"closed"')],
    ['a time that is none', (text: string) => text.replace(/"asked":"[^"]*"/, '"asked":"soon"')],
    ['numbers that are none', (text: string) => text.replace('"open":1', '"open":"1"')],
  ])('that is %s counts as none', (_, damage) => {
    kept().keep([task('a')], now)
    const [file = ''] = files()
    writeFileSync(file, typeof damage === 'string' ? damage : damage(readFileSync(file, 'utf8')))
    expect(kept().read().answer).toBeUndefined()
    expect(kept().isDue()).toBe(true)
  })

  it('from the future counts as none: the clock was set back', () => {
    kept().keep([task('a')], new Date(now.getTime() + 3_600_000))
    expect(kept().read(now).answer).toBeUndefined()
    expect(kept().isDue(now)).toBe(true)
  })

  it('is not read or written through a link', () => {
    kept().keep([task('a')], now)
    const [file = ''] = files()
    const elsewhere = join(home, 'elsewhere')
    renameSync(file, elsewhere)
    symlinkSync(elsewhere, file)
    expect(kept().read().answer).toBeUndefined()
  })

  it('is not used in a folder in which others write', () => {
    kept().keep([task('a')], now)
    chmodSync(join(home, 'presence/tracker'), 0o777)
    expect(kept().read().answer).toBeUndefined()
    expect(() => kept().keep([task('b')], now)).toThrow()
    expect(kept().take()).toBeUndefined()
  })
})

describe('the answer of one project', () => {
  it('is never another’s', () => {
    kept('a').keep([task('a')], now)
    expect(kept('b').read().answer).toBeUndefined()
  })

  it('is not another’s whose file has the same name', () => {
    kept('a').keep([task('a')], now)
    const [file = ''] = files()
    kept('b').keep([task('b')], now)
    const other = files().find(each => each !== file) ?? ''
    rmSync(other)
    renameSync(file, other)
    expect(kept('b').read().answer).toBeUndefined()
  })

  it.each([
    [
      'its folder is replaced',
      (folder: string) => {
        renameSync(folder, `${folder}.old`)
        mkdirSync(folder)
      },
    ],
    [
      'it names another database',
      (folder: string) => {
        writeFileSync(join(folder, 'metadata.json'), '{"dolt_database": "other"}')
      },
    ],
    ['it is redirected', (folder: string) => writeFileSync(join(folder, 'redirect'), '../../b/.beads')],
    ['its config changes', (folder: string) => writeFileSync(join(folder, 'config.yaml'), 'db: x')],
  ])('is no longer shown when %s', (_, change) => {
    kept().keep([task('a')], now)
    change(join(home, 'a/.beads'))
    expect(kept().read().answer).toBeUndefined()
  })

  it('is another one where variables name another database', () => {
    kept().keep([task('a')], now)
    for (const name of ['BEADS_DIR', 'BEADS_DB', 'BD_DB', 'BEADS_DOLT_SERVER_DATABASE'])
      expect(kept('a', { [name]: 'x' }).read().answer, name).toBeUndefined()
    for (const name of ['BD_ACTOR', 'BEADS_DOLT_PASSWORD', 'BD_JSON_ENVELOPE'])
      expect(kept('a', { [name]: 'x' }).read().answer, name).toBeDefined()
  })

  it('is the same through a link to the project', () => {
    kept().keep([task('a')], now)
    symlinkSync(join(home, 'a'), join(home, 'link'))
    expect(titles(kept('link'))).toEqual(['title of a'])
  })
})

describe('the tracker is asked anew', () => {
  it('once the last answer or failure is 30 s old', () => {
    expect(kept().isDue()).toBe(true)
    kept().keep([], now)
    expect(kept().isDue(new Date(now.getTime() + ASK_EVERY_MS - 1))).toBe(false)
    expect(kept().isDue(new Date(now.getTime() + ASK_EVERY_MS))).toBe(true)
    kept().fail('x', new Date(now.getTime() + 10_000))
    expect(kept().isDue(new Date(now.getTime() + ASK_EVERY_MS))).toBe(false)
  })

  it('by one process at a time in each project', () => {
    const token = kept().take()
    expect(token).toBeDefined()
    expect(kept().take()).toBeUndefined()
    expect(kept('b').take()).toBeDefined()
    kept().release('another')
    expect(kept().take()).toBeUndefined()
    kept().release(token ?? '')
    expect(kept().take()).toBeDefined()
  })

  it('again if the process that had the lock was killed', () => {
    const first = kept().take()
    const [lock = ''] = files()
    const long = Date.now() / 1_000 - 31
    utimesSync(lock, long, long)
    const second = kept().take()
    expect(second).toBeDefined()
    kept().release(first ?? '')
    expect(kept().take(), 'the first one’s end does not free the second’s lock').toBeUndefined()
    expect(files()).toEqual([lock])
  })

  it('and the files of projects in which nobody works are removed', () => {
    kept('a').keep([], now)
    const [file = ''] = files()
    kept('b').keep([], now)
    const long = Date.now() / 1_000 - 8 * 86_400
    utimesSync(file, long, long)
    kept('b').tidy()
    expect(files()).toHaveLength(1)
    expect(kept('b').read().answer).toBeDefined()
  })
})
