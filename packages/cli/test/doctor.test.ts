import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { freePort } from '../../../e2e/support/free-port.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const doctor = (dsn: string, ...more: string[]) =>
  presence(['doctor', '--dsn', dsn, ...more], { env: { PRESENCE_SESSION_ID: 'ana' } })

async function newBoard(): Promise<string> {
  const file = join(newFolder(), 'board.db')
  await presence(['claim', 'node:a', '--purpose', 'p', '--dsn', `sqlite:${file}`])
  return file
}

describe('presence doctor', () => {
  it('finds a healthy file healthy: exit 0, one line per finding, and leaves the file unchanged', async () => {
    const file = await newBoard()
    const before = readFileSync(file)

    const said = await doctor(`sqlite:${file}`)

    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(/^presence: ok {6}dsn: from --dsn$/m)
    expect(said.stdout).toMatch(/^presence: ok {6}integrity: the file is intact$/m)
    expect(said.stdout).toMatch(/^presence: ok {6}room: 1 shared claim: 1 live/m)
    expect(said.stdout).toMatch(/presence: nothing is broken\n$/)
    expect(said.stdout).not.toMatch(/broken {2}|note/)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('creates no file if there is none yet', async () => {
    const folder = newFolder()
    const said = await presence(['doctor'], { env: { XDG_STATE_HOME: folder, PRESENCE_SESSION_ID: 'a' } })
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(/is not there yet/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('finds a damaged file broken: exit 3, with the remedy', async () => {
    const file = await newBoard()
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 4_096, 3 * 4_096)
    writeFileSync(file, bytes)

    const said = await doctor(`sqlite:${file}`)

    expect(said.status).toBe(3)
    expect(said.stdout).toMatch(/^presence: broken {2}integrity: .*damaged.*to fix it: move the file away/m)
    expect(said.stdout).toMatch(/broken\n$/)
  })

  it('finds a file that is no board broken, and says so once', async () => {
    const file = join(newFolder(), 'notes.txt')
    writeFileSync(file, 'my notes '.repeat(100))
    const said = await doctor(`sqlite:${file}`)
    expect(said.status).toBe(2)
    expect(said.stdout).toMatch(/not an SQLite file/)
  })

  it('finds a newer file broken', async () => {
    const file = await newBoard()
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 99')
    db.close()
    const said = await doctor(`sqlite:${file}`)
    expect(said.status).toBe(2)
    expect(said.stdout).toMatch(/broken {2}schema: newer .*upgrade presence/)
  })

  it('notes a file that contains other tables too', async () => {
    const file = await newBoard()
    const db = new DatabaseSync(file)
    db.exec('CREATE TABLE notes (id)')
    db.close()
    const said = await doctor(`sqlite:${file}`)
    expect(said.status).toBe(0)
    expect(said.stdout).toMatch(/note {4}sharing: .*notes.*a file of its own/)
  })

  it.skipIf(!isRoot)('finds a file that may not be written broken', async () => {
    const file = await newBoard()
    const folder = join(file, '..')
    const { chmodSync } = await import('node:fs')
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    const args = ['doctor', '--dsn', `sqlite:${file}`, '--session', 'ana']
    const said = await presence(args, { uid: NOBODY })
    expect(said.status).toBe(2)
    expect(said.stdout).toMatch(/broken {2}writable: .*read-only/)
  })

  it('G7: never fails open: an unreachable or silent server is broken, exit 3 within 3 s', async () => {
    const silent = createServer(() => {})
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const address = silent.address()
    const ports = [await freePort(), typeof address === 'object' ? address?.port : 0]
    for (const port of ports) {
      const said = await doctor(`mysql://ana:s3cret@127.0.0.1:${port}/board`)
      expect(said).toMatchObject({ status: 3, stderr: '' })
      expect(said.stdout).toMatch(/^presence: broken {2}board: .*unreachable.*to fix it: /m)
      expect(said.stdout).toMatch(/^presence: ok {6}identity: your session id is ana/m)
      expect(said.stdout).not.toContain('s3cret')
    }
  })

  it('G6: reports a bad DSN or config file as broken, and still checks the rest', async () => {
    expect((await doctor('nothing')).stdout).toMatch(/broken {2}dsn: the DSN has no scheme/)
    const folder = newFolder()
    mkdirSync(join(folder, '.presence'))
    writeFileSync(join(folder, '.presence/config.json'), '{"kind": []}')
    const said = await presence(['doctor'], { cwd: folder, env: { PRESENCE_SESSION_ID: 'ana' } })
    expect(said.status).toBe(2)
    expect(said.stdout).toMatch(/broken {2}config: .*unknown key "kind"/)
    expect(said.stdout).toMatch(/ok {6}node: /)
  })

  it('finds an unreadable password file broken, whatever names it', async () => {
    const folder = newFolder()
    const dsn = 'mysql://ana@127.0.0.1:1/board'
    mkdirSync(join(folder, 'presence'))
    writeFileSync(join(folder, 'presence/config.json'), JSON.stringify({ dsn: `${dsn}?password-file=pw` }))
    const ways = [
      { PRESENCE_DSN: dsn, PRESENCE_PASSWORD_FILE: join(folder, 'gone') },
      { XDG_CONFIG_HOME: folder },
    ]
    for (const env of ways) {
      const said = await presence(['doctor'], { env: { ...env, PRESENCE_SESSION_ID: 'ana' } })
      expect(said.status).toBe(2)
      expect(said.stdout).toMatch(/broken {2}dsn: .*(gone|pw) can't be read \(ENOENT\) -- to fix it: name a/)
    }
  })

  it('names the config file that decides, and a password there that others can read', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, '.presence'))
    const path = join(folder, '.presence/config.json')
    writeFileSync(path, JSON.stringify({ dsn: `mysql://ana:s3cret@127.0.0.1:${await freePort()}/board` }))
    const env = { PRESENCE_SESSION_ID: 'ana', PRESENCE_TRUST: '127.0.0.1' }
    const said = await presence(['doctor'], { cwd: folder, env })
    expect(said.stdout).toContain(`ok      dsn: from ${path}`)
    expect(said.stdout).toMatch(/note {4}config: .*contains a password.*PRESENCE_DSN/)
    expect(said.stdout).not.toContain('s3cret')
  })

  it('says what is read of a file that is not trusted, and what is wrong with PRESENCE_TRUST', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, '.presence'))
    writeFileSync(
      join(folder, '.presence/config.json'),
      '{"dsn": "mysql://db.example/p", "kinds": ["queue"]}',
    )
    const looked = (env: Record<string, string>) =>
      presence(['doctor'], { cwd: folder, env: { PRESENCE_SESSION_ID: 'ana', ...env } })
    const PRESENCE_DSN = `sqlite:${join(newFolder(), 'b.db')}`
    const named = await looked({ PRESENCE_DSN })
    expect(named.status).toBe(0)
    expect(named.stdout).toMatch(
      /note {4}config: only the kinds, the project and stricter modes .*"db.example:3306".*presence trust/,
    )
    const typo = /(\w+) +(?:dsn|trust): entry 1 of PRESENCE_TRUST, "db.example\/p", is not a host/
    for (const [more, status, kind] of [
      [{}, 2, 'broken'],
      [{ PRESENCE_DSN }, 0, 'note'],
    ] as const) {
      const said = await looked({ PRESENCE_TRUST: 'db.example/p', ...more })
      expect(said.status).toBe(status)
      expect(typo.exec(said.stdout)?.[1]).toBe(kind)
    }
  })

  it('notes an id without a terminal, and not the id of a terminal', async () => {
    const { execFileSync } = await import('node:child_process')
    const dsn = `sqlite:${join(newFolder(), 'b.db')}`
    const { PATH } = process.env
    const identity = (program: string, ...args: string[]) =>
      /\w+ +identity:/.exec(execFileSync(program, args, { env: { PATH }, encoding: 'utf8' }))?.[0]
    expect(identity('setsid', '--wait', PRESENCE, 'doctor', '--dsn', dsn)).toMatch(/^note/)
    expect(identity('script', '-qec', `"${PRESENCE}" doctor --dsn "${dsn}"`, '/dev/null')).toMatch(/^ok/)
  })

  it('prints an object with findings and their number under --json', async () => {
    const said = await doctor(`mysql://ana:s3cret@127.0.0.1:${await freePort()}/board`, '--json')
    expect(said.status).toBe(3)
    const { findings, broken } = JSON.parse(said.stdout)
    expect(broken).toBe(1)
    const found = findings.find((each: { status: string }) => each.status === 'broken')
    expect(found).toEqual({
      check: 'board',
      code: 'unreachable',
      status: 'broken',
      message: expect.stringContaining('connection refused'),
      remedy: expect.any(String),
    })
  })
})
