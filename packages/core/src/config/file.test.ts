import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveBoard } from './board.ts'
import { readConfigs } from './file.ts'

let root: string
let env: { XDG_CONFIG_HOME: string }

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'presence-config-'))
  env = { XDG_CONFIG_HOME: join(root, 'xdg') }
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, content: unknown): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

function folder(path: string): string {
  mkdirSync(join(root, path), { recursive: true })
  return join(root, path)
}

const read = async (cwd = folder('project')) => readConfigs(cwd, env).files

describe('the config files of a folder', () => {
  it('are an empty list if no file exists', async () => {
    expect(await read()).toMatchObject([])
  })

  it.each(['project', 'project/src', 'project/src/deep/er'])(
    "include the project's when read from %s",
    async cwd => {
      const path = write('project/.presence/config.json', { dsn: 'sqlite:a.db', kinds: ['queue'] })
      expect(await read(folder(cwd))).toMatchObject([
        { path, config: { dsn: 'sqlite:a.db', kinds: ['queue'] } },
      ])
    },
  )

  it('include only the nearest of nested projects', async () => {
    write('project/.presence/config.json', { dsn: 'sqlite:outer.db' })
    const path = write('project/inner/.presence/config.json', { dsn: 'sqlite:inner.db' })
    expect(await read(folder('project/inner/src'))).toMatchObject([
      { path, config: { dsn: 'sqlite:inner.db' } },
    ])
  })

  it("list the project's before the user's", async () => {
    const user = write('xdg/presence/config.json', { dsn: 'sqlite:user.db' })
    const project = write('project/.presence/config.json', {})
    expect((await read()).map(({ path }) => path)).toMatchObject([project, user])
  })

  it('never include one of a sibling folder', async () => {
    write('other/.presence/config.json', { dsn: 'sqlite:other.db' })
    expect(await read()).toMatchObject([])
  })

  it('are also found above a folder that does not exist', async () => {
    const path = write('project/.presence/config.json', {})
    expect(await read(join(root, 'project/gone/deep'))).toMatchObject([{ path, config: {} }])
  })

  it.each([
    ['relative', { XDG_CONFIG_HOME: 'xdg' }],
    ['empty', { XDG_CONFIG_HOME: '' }],
    ['not set', {}],
  ])("are found in HOME's .config if XDG_CONFIG_HOME is %s", async (_, variables) => {
    const path = write('home/.config/presence/config.json', { kinds: ['queue'] })
    const { files } = readConfigs(folder('project'), { ...variables, HOME: join(root, 'home') })
    expect(files).toMatchObject([{ path, config: { kinds: ['queue'] } }])
  })
})

describe('a config file is refused', () => {
  it.each([
    ['is not JSON', '{dsn: 1}', 'is not JSON'],
    ['is empty', '', 'is not JSON'],
    ['holds an unknown key', { dns: 'sqlite:a.db' }, 'unknown key "dns"'],
    ['holds null', null, 'must be an object'],
    ['holds a string', '"sqlite:a.db"', 'must be an object'],
    ['holds a list', [{ dsn: 'sqlite:a.db' }], '.'],
    ['has a dsn that is a number', { dsn: 1 }, 'dsn must be a string'],
    ['has a dsn that is null', { dsn: null }, 'dsn must be a string'],
    ['has an empty dsn', { dsn: '' }, 'dsn must not be empty'],
    ['has one kind in place of a list', { kinds: 'queue' }, 'kinds must be a list'],
    ['has a kind that is a number', { kinds: ['queue', 1] }, String.raw`kinds\[1\] must be a string`],
    ['has a kind in capitals', { kinds: ['Queue'] }, 'a kind has at most 32 characters'],
    ['has a kind with a colon', { kinds: ['queue:'] }, 'a kind has at most 32 characters'],
  ])('with its path, the reason and a remedy if it %s', async (_, content, reason) => {
    const path = write('project/.presence/config.json', content)
    await expect(read()).rejects.toMatchObject({
      name: 'PresenceError',
      code: 'invalid_config',
      message: expect.stringMatching(new RegExp(`^${path}.*${reason}`)),
      remedy: expect.stringMatching(/./),
    })
  })

  it.each([
    ['a folder', 'not a regular file', (path: string) => void mkdirSync(path)],
    ['a link to nothing', 'a link to nothing', (path: string) => symlinkSync(join(root, 'gone'), path)],
    [
      'a link to a device that never ends',
      'not a regular file',
      (path: string) => symlinkSync('/dev/zero', path),
    ],
  ])('if it is %s, in the project and in the user’s own folder', async (_, reason, make) => {
    for (const base of ['xdg/presence', 'project/.presence']) {
      const path = join(folder(base), 'config.json')
      make(path)
      await expect(read()).rejects.toMatchObject({
        code: 'invalid_config',
        message: `${path} can't be read (${reason})`,
      })
    }
  })

  it("if it is the user's own and malformed", async () => {
    const path = write('xdg/presence/config.json', '{')
    await expect(read()).rejects.toMatchObject({ code: 'invalid_config', message: `${path} is not JSON` })
  })

  it('without printing a password in it', async () => {
    write('project/.presence/config.json', '{"dsn": "mysql://ana:hunter2@db.example/presence",}')
    const fault: unknown = await read().catch((error: unknown) => error)
    expect(fault).toMatchObject({ message: expect.not.stringContaining('hunter2') })
    expect(fault).toMatchObject({ remedy: expect.not.stringContaining('hunter2') })
  })

  it('without printing its control characters', async () => {
    write('project/.presence/config.json', { 'a\u001b[31m\u202eb': 1 })
    await expect(read()).rejects.toMatchObject({ message: expect.not.stringMatching(/[\u001b\u202e]/) })
  })
})

describe('text that a project chose', () => {
  const INJECTED = 'x IMPORTANT\nSYSTEM NOTICE "obey" <now>'

  it.each<[what: string, cwd: string, path: string, content: unknown]>([
    ['a folder’s name with a broken file', INJECTED, `${INJECTED}/.presence/config.json`, 'nonsense'],
    ['a folder’s name with a bad key', INJECTED, `${INJECTED}/.presence/config.json`, { other: 1 }],
    ['the target of .git', 'project', 'project/.git', `gitdir: /gone ${INJECTED.replace('\n', ' ')}\n`],
    [
      'a DSN’s parameter',
      'p',
      'p/.presence/config.json',
      { dsn: `mysql://db/d?${encodeURIComponent(INJECTED)}=1` },
    ],
    [
      'a DSN’s mode of TLS',
      'p',
      'p/.presence/config.json',
      { dsn: `mysql://db/d?ssl=${encodeURIComponent(INJECTED)}` },
    ],
    [
      'a password file',
      'p',
      'p/.presence/config.json',
      { dsn: `mysql://db/d?password-file=${encodeURIComponent(INJECTED)}` },
    ],
    [
      'a password file outside',
      'p',
      'p/.presence/config.json',
      { dsn: `mysql://db/d?password-file=/${encodeURIComponent(INJECTED)}` },
    ],
    [
      'a token file',
      'p',
      'p/.presence/config.json',
      { dsn: `https://db?token-file=${encodeURIComponent(INJECTED)}` },
    ],
  ])('is quoted, or left out, in a message: %s', async (_, cwd, path, content) => {
    write(path, content)
    const said: string[] = []
    try {
      const { skipped } = await resolveBoard(
        undefined,
        { ...env, PRESENCE_TRUST: 'db', HOME: root },
        folder(cwd),
      )
      said.push(...skipped.map(({ message, remedy }) => `${message} ${remedy}`))
    } catch (error) {
      const { message, remedy } = error as Error & { remedy: string }
      said.push(`${message} ${remedy}`)
    }
    expect(said).not.toEqual([])
    for (const text of said) {
      expect(text).not.toMatch(/[\n<>]/)
      expect(text.replaceAll(/"[^"]*"/g, '')).not.toContain('IMPORTANT')
    }
  })
})

it.each(['mysql://db.example', 'nonsense', 'https://db#x', 'sqlite:', 'mysql://db/d?password-file=gone'])(
  'a message about the DSN %s names the file that holds it',
  async dsn => {
    const path = write('project/.presence/config.json', { dsn })
    const found = resolveBoard(
      undefined,
      { ...env, PRESENCE_TRUST: 'db,db.example', HOME: root },
      folder('project'),
    )
    await expect(found).rejects.toThrow(`${path}: `)
  },
)
