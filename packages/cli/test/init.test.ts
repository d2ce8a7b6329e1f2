import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const DSN = 'mysql://presence@db.example:3306/presence'
const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

/** A project with a folder in it, and a home beside it. */
function newProject(repository = true) {
  const root = mkdtempSync(join(tmpdir(), 'presence-init-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  chmodSync(root, 0o755)
  const top = join(root, 'project')
  mkdirSync(join(top, 'src'), { recursive: true })
  if (repository) mkdirSync(join(top, '.git'))
  const env = { XDG_CONFIG_HOME: join(root, 'xdg'), XDG_STATE_HOME: join(root, 'state') }
  const file = join(top, '.presence/config.json')
  const user = join(root, 'xdg/presence/config.json')
  const init = (...args: string[]) => presence(['init', ...args], { cwd: join(top, 'src'), env })
  return { top, file, user, env, init, config: () => JSON.parse(readFileSync(file, 'utf8')) as unknown }
}

describe('presence init', () => {
  it('writes the file at the repository’s top from any folder in it, and every verb reads it', async () => {
    const { top, file, env, init, config } = newProject()

    const said = await init('--dsn', 'sqlite:boards/team.db', '--kind', 'queue', '--kind', 'topic')

    expect(said).toEqual({ status: 0, stdout: `presence: wrote ${file}\n`, stderr: '' })
    expect(config()).toEqual({ dsn: 'sqlite:src/boards/team.db', kinds: ['queue', 'topic'] })
    expect(readdirSync(join(top, '.presence'))).toEqual(['config.json'])
    const claim = ['claim', 'queue:mail', '--purpose', 'p', '--session', 'ana']
    expect((await presence(claim, { cwd: top, env })).stdout).toMatch(
      /^presence: claimed queue:mail until .*\n$/,
    )
    expect(readdirSync(join(top, 'src/boards'))).toContain('team.db')
  })

  it('has nothing to do the second time, and doesn’t touch the file', async () => {
    const { file, init } = newProject()
    await init('--dsn', DSN, '--kind', 'queue')
    const before = statSync(file)

    const said = await init('--dsn', DSN, '--kind', 'queue', '--kind', 'node')

    expect(said).toEqual({ status: 0, stdout: `presence: nothing to do in ${file}\n`, stderr: '' })
    expect(statSync(file)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
  })

  it('stores the paths in a DSN so that they mean the files that were typed', async () => {
    const { top, user, env, init, config } = newProject()
    for (const name of ['pass+ word', 'ca.pem']) writeFileSync(join(top, 'src', name), 's3cret')
    const files = 'ssl-ca=./ca.pem&branch=team/x&password-file=pass%2B%20word'
    const list = () => presence(['list'], { cwd: top, env })

    await init('--dsn', `mysql://u@127.0.0.1:1/b?${files}`)
    expect(config()).toEqual({
      dsn: 'mysql://u@127.0.0.1:1/b?ssl-ca=src/ca.pem&branch=team/x&password-file=src/pass%2B%20word',
    })
    expect((await list()).stderr).toContain(`the CA file ${top}/src/ca.pem contains no certificate`)
    await init('--dsn', 'mysql://u@127.0.0.1:1/b?password-file=pass%2B%20word')
    expect(await list()).toMatchObject({ status: 0, stderr: expect.stringContaining('unreachable') })

    await init('--user', '--dsn', `mysql://u@127.0.0.1:1/b?${files}`)
    expect(JSON.parse(readFileSync(user, 'utf8'))).toEqual({
      dsn: `mysql://u@127.0.0.1:1/b?ssl-ca=${top}/src/ca.pem&branch=team/x&password-file=${top}/src/pass%2B%20word`,
    })
  })

  it('refuses a password file outside the project at once and writes nothing; the user’s own file may name it', async () => {
    const { top, init } = newProject()
    symlinkSync('/etc/hostname', join(top, 'src/link'))
    for (const file of ['/etc/hostname', '../../pw', 'link']) {
      const dsn = `mysql://u@db.example/presence?password-file=${file}`
      const said = await init('--dsn', dsn)
      expect(said).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr).toMatch(/outside the project: .*\n.*PRESENCE_PASSWORD_FILE.*--user/)
      expect(await init('--user', '--print', '--dsn', dsn)).toMatchObject({ status: 0, stderr: '' })
    }
    expect(readdirSync(top)).toEqual(['.git', 'src'])
  })

  it('keeps everything else in the file', async () => {
    const { top, file, init, config } = newProject()
    mkdirSync(join(top, '.presence'))
    writeFileSync(file, '{"$schema": "./s.json", "kinds": ["queue"], "dsn": "sqlite:old.db"}')
    await init('--kind', 'topic')
    expect(config()).toEqual({ $schema: './s.json', kinds: ['queue', 'topic'], dsn: 'sqlite:old.db' })
    await init('--dsn', DSN)
    expect(config()).toEqual({ $schema: './s.json', kinds: ['queue', 'topic'], dsn: DSN })
  })

  it('leaves a file that it can’t read unchanged, and says why', async () => {
    const { top, file, init } = newProject()
    mkdirSync(join(top, '.presence'))
    writeFileSync(file, '{"kind": ["queue"]}')
    const said = await init('--kind', 'topic')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(/unknown key "kind"; did you mean kinds\?/)
    expect(readFileSync(file, 'utf8')).toBe('{"kind": ["queue"]}')
  })

  it('writes into the current folder outside a repository', async () => {
    const { top, init } = newProject(false)
    await init('--kind', 'queue')
    expect(readdirSync(join(top, 'src/.presence'))).toEqual(['config.json'])
  })

  it('with --print shows the text and writes nothing', async () => {
    const { top, init } = newProject()
    const { status, stdout } = await init('--print', '--dsn', DSN)
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ dsn: DSN })
    expect(readdirSync(top)).toEqual(['.git', 'src'])
  })

  it('refuses a password in a project’s file, with the remedy, and writes nothing', async () => {
    const { top, init } = newProject()
    const said = await init('--dsn', 'mysql://ana:s3cret@db.example/presence')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(/password.*\n.*PRESENCE_DSN.*--user/)
    expect(said.stderr).not.toContain('s3cret')
    expect(readdirSync(top)).toEqual(['.git', 'src'])
  })

  it('refuses unencrypted HTTP in a project’s file, with the remedy; the user’s own file may allow it', async () => {
    const { file, user, init } = newProject()
    const dsn = 'http://board.example:8787?insecure=true'
    const said = await init('--dsn', dsn)
    expect(said.status).toBe(2)
    expect(said.stderr).toMatch(/insecure=true.*\n.*PRESENCE_DSN.*--user/)
    expect(() => statSync(file)).toThrow('ENOENT')
    expect((await init('--dsn', 'http://board.example:8787?insecure=false')).status).toBe(0)
    expect((await init('--user', '--dsn', dsn)).status).toBe(0)
    expect(JSON.parse(readFileSync(user, 'utf8'))).toEqual({ dsn })
  })

  it('with --user writes the user’s own file, readable only by the user, and never prints its password', async () => {
    const { user, init } = newProject()
    const dsn = 'mysql://ana:s3cret@db.example/presence'
    for (const args of [['--print'], ['--print', '--json'], [], ['--json']]) {
      const said = await init('--user', '--dsn', dsn, ...args)
      expect(said.status).toBe(0)
      expect(said.stdout + said.stderr).not.toContain('s3cret')
    }
    expect(JSON.parse(readFileSync(user, 'utf8'))).toEqual({ dsn })
    expect(statSync(user).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['mysql://u@corp:S3CR3T@127.0.0.1:1/db', 'mysql://u%40corp:***@127.0.0.1:1/db'],
    ['mysql://u:p@S3CR3T@host/db', 'mysql://u:***@host/db'],
    ['mysql://u:p:S3CR3T@host/db', 'mysql://u:***@host/db'],
    ['mysql://:S3CR3T@host/db', 'mysql://:***@host/db'],
    [
      'mysql://u:S3CR3T@host/db?branch=team/x&ssl-ca=/ca.pem',
      'mysql://u:***@host/db?branch=team/x&ssl-ca=/ca.pem',
    ],
  ])('prints no password, wherever it ends in the DSN: %s', async (dsn, shown) => {
    const { init } = newProject()
    const printed = await init('--user', '--print', '--dsn', dsn)
    expect(JSON.parse(printed.stdout)).toEqual({ dsn: shown })
    const said = await init('--user', '--json', '--dsn', dsn)
    expect(JSON.parse(said.stdout)).toMatchObject({ written: true })
    expect([printed, said].map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain('S3CR3T')
  })

  it('prints nothing of an invalid DSN in the file', async () => {
    const { user, init } = newProject()
    mkdirSync(join(user, '..'), { recursive: true })
    writeFileSync(user, JSON.stringify({ dsn: 'mysql:ana:S3CR3T@host/db' }))
    const { stdout } = await init('--user', '--print', '--kind', 'queue')
    expect(JSON.parse(stdout)).toEqual({ dsn: '***', kinds: ['queue'] })
  })

  it('with --user restricts a file that others could read, and keeps a link a link', async () => {
    const { top, user, init } = newProject()
    const kept = join(top, 'dotfile.json')
    writeFileSync(kept, '{\n  "kinds": ["queue"]\n}\n', { mode: 0o644 })
    mkdirSync(join(user, '..'), { recursive: true })
    symlinkSync(kept, user)
    expect((await init('--user', '--kind', 'queue')).stdout).toMatch(/wrote/)
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    expect((await init('--user', '--kind', 'queue')).stdout).toMatch(/nothing to do/)
  })

  it('writes no project’s file through a link that leads out of the project', async () => {
    const { top, init } = newProject()
    const outside = scratchFolder()
    symlinkSync(outside, join(top, '.presence'))
    const said = await init('--kind', 'queue')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain(`config.json leads to ${outside}/config.json, outside of the project`)
    expect(readdirSync(outside)).toEqual([])
  })

  it('names what takes precedence over the file', async () => {
    const { top, env, init } = newProject()
    mkdirSync(join(top, 'src/.presence'))
    writeFileSync(join(top, 'src/.presence/config.json'), '{}')
    expect((await init('--dsn', DSN)).stderr).toContain(
      'src/.presence/config.json takes precedence over this file here',
    )
    const options = { cwd: top, env: { ...env, PRESENCE_DSN: 'sqlite:x.db' } }
    const said = await presence(['init', '--dsn', 'sqlite:y.db'], options)
    expect(said.stderr).toBe('presence: note: PRESENCE_DSN takes precedence over this file here\n')
  })

  it.skipIf(!isRoot)('says that it may not write, and exits 3', async () => {
    const { top, env } = newProject()
    const options = { cwd: top, env, uid: NOBODY }
    const said = await presence(['init', '--kind', 'queue'], options)
    expect(said).toMatchObject({ status: 3, stdout: '' })
    expect(said.stderr).toMatch(/can't be written \(E\w+\)/)
  })

  it.each([
    ['--user', ['--user', '--kind', 'queue'], { XDG_CONFIG_HOME: '/proc' }],
    ['--user --hooks', ['--user', '--hooks', 'claude-code'], { CLAUDE_CONFIG_DIR: '/proc/claude' }],
    ['--user --mcp', ['--user', '--mcp', 'codex'], { CODEX_HOME: '/proc/codex' }],
  ])('%s ends at once, with a fault, where no folder can be made', async (_, args, more) => {
    const { top, env } = newProject()
    const said = await presence(['init', ...args], { cwd: top, env: { ...env, ...more } })
    expect(said).toMatchObject({ status: 3, stdout: '' })
    expect(said.stderr).toMatch(/\/proc\/.* can't be written \(ENOENT\)\n.*hint: /)
  })

  it('leaves one whole file when run twelve times at once', async () => {
    const { top, init, config } = newProject()
    const all = await Promise.all(Array.from({ length: 12 }, () => init('--dsn', DSN, '--kind', 'queue')))
    expect(all.map(({ status }) => status)).toEqual(Array(12).fill(0))
    expect(config()).toEqual({ dsn: DSN, kinds: ['queue'] })
    expect(readdirSync(join(top, '.presence'))).toEqual(['config.json'])
  })
})
