import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KINDS } from '../domain/label.ts'
import { resolveBoard } from './board.ts'

let root: string
let folders: { XDG_CONFIG_HOME: string; XDG_STATE_HOME: string }

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'presence-board-place-'))
  mkdirSync(join(root, 'project/src'), { recursive: true })
  folders = { XDG_CONFIG_HOME: join(root, 'xdg'), XDG_STATE_HOME: join(root, 'state') }
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, content: unknown): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(content))
  return file
}

const project = (content: unknown) => write('project/.presence/config.json', content)
const user = (content: unknown) => write('xdg/presence/config.json', content)
const dsnOf = (name: string) => `sqlite:/boards/${name}.db`

function resolved(given?: string, variables: Record<string, string> = {}, cwd = 'project/src') {
  return resolveBoard(given, { ...folders, ...variables }, join(root, cwd))
}

describe('resolveBoard', () => {
  beforeEach(() => {
    project({ dsn: 'sqlite:project.db' })
    user({ dsn: dsnOf('user') })
  })
  const variables = { PRESENCE_DSN: dsnOf('variable') }

  it('uses --dsn first', async () => {
    expect(await resolved(dsnOf('given'), variables)).toMatchObject({
      from: '--dsn',
      dsn: { file: '/boards/given.db' },
    })
  })

  it('uses PRESENCE_DSN before any config file', async () => {
    expect(await resolved(undefined, variables)).toMatchObject({
      from: 'PRESENCE_DSN',
      dsn: { file: '/boards/variable.db' },
    })
  })

  it.each([undefined, ''])(
    "uses the project's config file before the user's if PRESENCE_DSN is %j",
    async value => {
      expect(await resolved(undefined, value === undefined ? {} : { PRESENCE_DSN: value })).toMatchObject({
        from: join(root, 'project/.presence/config.json'),
        dsn: { file: join(root, 'project/project.db') },
      })
    },
  )

  it("uses the user's config file if the project's names no board", async () => {
    project({ kinds: ['queue'] })
    expect(await resolved()).toMatchObject({
      from: join(root, 'xdg/presence/config.json'),
      dsn: { file: '/boards/user.db' },
    })
  })

  it('uses the embedded board in the state folder if nothing names one', async () => {
    project({})
    user({})
    const file = join(root, 'state/presence/board.db')
    expect(await resolved()).toEqual({
      dsn: { scheme: 'sqlite', file, isPrivate: true, shown: file },
      from: 'embedded',
      kinds: KINDS,
      skipped: [],
    })
  })

  it('rejects a malformed DSN instead of using the next board', async () => {
    await expect(resolved('')).rejects.toMatchObject({ code: 'invalid_dsn' })
    await expect(resolved('postgres://db/presence', variables)).rejects.toMatchObject({ code: 'invalid_dsn' })
    await expect(resolved(undefined, { PRESENCE_DSN: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_dsn',
    })
    project({ dsn: 'nonsense' })
    await expect(resolved()).rejects.toMatchObject({ code: 'invalid_dsn' })
  })
})

describe('the embedded board', () => {
  it('is read before SQLite opens it if others can write to its folder', async () => {
    const folder = join(root, 'state/presence')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    expect(await resolved()).toMatchObject({ dsn: { isPrivate: true } })
    chmodSync(folder, 0o777)
    expect(await resolved()).toMatchObject({ dsn: { isPrivate: false } })
    expect(await resolved(`sqlite:${folder}/board.db`)).toMatchObject({ dsn: { isPrivate: false } })
  })

  it.each([
    ['relative', { XDG_STATE_HOME: 'state' }],
    ['empty', { XDG_STATE_HOME: '' }],
  ])("is in HOME's .local/state where XDG_STATE_HOME is %s", async (_, variables) => {
    expect(await resolved(undefined, { ...variables, HOME: '/home/ana' })).toMatchObject({
      from: 'embedded',
      dsn: { file: '/home/ana/.local/state/presence/board.db' },
    })
  })
})

describe('a file in a DSN', () => {
  const RELATIVE = 'sqlite:boards/team.db'

  it.each([
    ['--dsn', RELATIVE, {}],
    ['PRESENCE_DSN', undefined, { PRESENCE_DSN: RELATIVE }],
  ])('is relative to the working folder, for %s', async (_, given, variables) => {
    expect(await resolved(given, variables)).toMatchObject({
      dsn: { file: join(root, 'project/src/boards/team.db') },
    })
  })

  it.each(['project', 'project/src'])(
    "is relative to the project's folder, for the project's config file read from %s",
    async cwd => {
      project({ dsn: RELATIVE })
      expect(await resolved(undefined, {}, cwd)).toMatchObject({
        dsn: { file: join(root, 'project/boards/team.db') },
      })
    },
  )

  it("is the same wherever the user's config file is read from", async () => {
    user({ dsn: RELATIVE })
    const places = [await resolved(undefined, {}, 'project'), await resolved(undefined, {}, 'project/src')]
    expect(places[0]?.dsn).toEqual(places[1]?.dsn)
    expect(places[0]).toMatchObject({ dsn: { file: expect.stringContaining(join(root, 'xdg/')) } })
  })

  it('stays unchanged if it is absolute', async () => {
    project({ dsn: `sqlite:${root}/project/boards/../team.db` })
    expect(await resolved()).toMatchObject({ dsn: { file: join(root, 'project/team.db') } })
  })
})

describe('the kinds of a board', () => {
  it("are the built-in ones, the project's and the user's, each once", async () => {
    project({ kinds: ['queue', 'node'] })
    user({ kinds: ['topic', 'queue'], dsn: dsnOf('user') })
    expect((await resolved()).kinds).toEqual([...KINDS, 'queue', 'topic'])
  })

  it.each([
    ['--dsn', dsnOf('given'), {}],
    ['PRESENCE_DSN', undefined, { PRESENCE_DSN: dsnOf('variable') }],
  ])("include the config files' kinds if %s names the board", async (_, given, variables) => {
    project({ kinds: ['queue'] })
    expect((await resolved(given, variables)).kinds).toContain('queue')
  })
})
