import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { Running } from '../../../e2e/support/running.ts'
import { until } from '../../../e2e/support/until.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const on = (file: string, ...args: string[]) =>
  presence([...args, '--dsn', `sqlite:${file}`, '--session', 'ana'])

interface Faulty {
  readonly uid?: number
}

/** Checks that every verb tells of this fault, which the user has to fix, exits 2, and prints no answer. */
async function expectFault(file: string, code: string, text: RegExp, { uid }: Faulty = {}): Promise<void> {
  for (const verb of [['claim', 'node:a', '--purpose', 'p'], ['list'], ['heartbeat']]) {
    const args = [...verb, '--dsn', `sqlite:${file}`, '--session', 'ana']
    const said = await presence(args, uid === undefined ? {} : { uid })
    expect(said, verb.join(' ')).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(text)
    expect(said.stderr).toMatch(/\npresence: hint: /)
    expect(said.stderr).not.toContain('unknown since')
    const json = await presence([...args, '--json', '--strict'], uid === undefined ? {} : { uid })
    expect(json.status).toBe(2)
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code } })
  }
}

/** Whether a process has a file open; elsewhere than on Linux that isn't known. */
function hasOpened(pid: number, file: string): boolean {
  if (process.platform !== 'linux') return true
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).some(name => readlinkSync(join(folder, name)) === file)
}

describe('a board’s file', () => {
  it('locked by another process is waited for, and reported within the deadline', async () => {
    const file = join(newFolder(), 'board.db')
    await on(file, 'list')
    const holder = new DatabaseSync(file)
    holder.exec('BEGIN IMMEDIATE')
    const said = await on(file, 'claim', 'node:a', '--purpose', 'p')
    expect(said).toMatchObject({ status: 0, stdout: '' })
    expect(said.stderr).toMatch(/is locked by another process/)

    const env = { PRESENCE_DSN: `sqlite:${file}`, PRESENCE_SESSION_ID: 'ana' }
    await using waiting = new Running(['claim', 'node:a', '--purpose', 'p'], env)
    await until('it to open the file', () => hasOpened(waiting.pid, file))
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(waiting.lines).toEqual([])
    holder.exec('ROLLBACK')
    expect((await waiting.result()).stdout).toMatch(/^presence: claimed node:a until .*\n$/)
    holder.close()
  })

  it('locked even for readers is waited for by `migrate --dry-run`', async () => {
    const file = join(newFolder(), 'board.db')
    await on(file, 'list')
    const holder = new DatabaseSync(file)
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    await using waiting = new Running(['migrate', '--dry-run'], { PRESENCE_DSN: `sqlite:${file}` })
    await until('it to open the file', () => hasOpened(waiting.pid, file))
    await new Promise(resolve => setTimeout(resolve, 300))
    holder.close()
    const said = await waiting.result()
    expect(said).toMatchObject({ status: 0, stderr: '' })
  })

  it('that is damaged is reported', async () => {
    const file = join(newFolder(), 'board.db')
    await on(file, 'claim', 'node:a', '--purpose', 'p')
    const size = statSync(file).size
    writeFileSync(file, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(size - 16, 0x5a)]))
    await expectFault(file, 'damaged', /is damaged|not an SQLite file/)
  })

  it('that is no SQLite file is reported', async () => {
    const file = join(newFolder(), 'notes.txt')
    writeFileSync(file, 'my notes '.repeat(100))
    await expectFault(file, 'damaged', /not an SQLite file/)
  })

  it('that is a folder, or below a file, is reported', async () => {
    const folder = newFolder()
    await expectFault(folder, 'not_writable', /can't be opened: .* is a folder/)
    const looked = await on(folder, 'doctor')
    expect(looked.status).toBe(2)
    expect(looked.stdout).toContain(`to fix it: name a file in the DSN: sqlite:${folder}/board.db`)
    writeFileSync(join(folder, 'file'), '')
    await expectFault(join(folder, 'file/board.db'), 'not_writable', /not a folder/)
  })

  it('from a newer presence is reported', async () => {
    const file = join(newFolder(), 'board.db')
    await on(file, 'list')
    const newer = new DatabaseSync(file)
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    await expectFault(
      file,
      'schema_newer',
      /schema version 98, for clients of version 98 or newer; this presence has/,
    )
  })

  it.skipIf(!isRoot)('that is read-only is reported', async () => {
    const folder = newFolder()
    const file = join(folder, 'board.db')
    await on(file, 'list')
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    await expectFault(file, 'read_only', /is read-only/, { uid: NOBODY })
  })

  it.skipIf(!isRoot)('in a folder that may not be used is reported', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'closed'), { mode: 0o700 })
    await expectFault(join(folder, 'closed/sub/board.db'), 'not_writable', /may not use|can't be opened/, {
      uid: NOBODY,
    })
  })

  it.skipIf(!isRoot)('on a full disk is reported', async () => {
    const folder = newFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=320k', 'tmpfs', folder])
    onTestFinished(() => void execFileSync('umount', ['-l', folder]))
    const file = join(folder, 'board.db')
    await on(file, 'claim', 'node:first', '--purpose', 'p')
    try {
      writeFileSync(join(folder, 'ballast'), Buffer.alloc(1 << 20))
    } catch {
      // Ignore: the disk is full now, as intended.
    }
    const said = await on(file, 'claim', 'node:a', '--purpose', 'x'.repeat(4_000))
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(/the disk is full|I\/O error/)
    rmSync(join(folder, 'ballast'))
    expect((await on(file, 'list')).stdout).toContain('node:first')
  })
})

describe('G7: an endless file that the configuration names', () => {
  const DSN = 'mysql://root@127.0.0.1:1/presence'

  it.each([
    ['the CA file', (file: string) => ({ PRESENCE_DSN: `${DSN}?ssl-ca=${file}` })],
    ["the DSN's password-file", (file: string) => ({ PRESENCE_DSN: `${DSN}?password-file=${file}` })],
    ['PRESENCE_PASSWORD_FILE', (file: string) => ({ PRESENCE_DSN: DSN, PRESENCE_PASSWORD_FILE: file })],
  ])('is refused at once: %s', async (what, env) => {
    const pipe = join(newFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const file of ['/dev/zero', pipe])
      for (const verb of [['list'], ['claim', 'node:a', '--purpose', 'p']]) {
        const said = await presence(verb, { env: env(file) })
        expect(said).toMatchObject({ status: 2, stdout: '' })
        expect(said.stderr).toContain(`${what} ${file} can't be read (not a regular file)`)
      }
  })
})
