import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hook } from './hook-process.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

let home: string
let file: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
  file = join(home, 'exports')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

let moments = 0
const start = (
  source = 'startup',
  session = 's1',
  env: Readonly<Record<string, string>> = {},
  uid?: number,
) =>
  hook({
    ...(uid === undefined ? {} : { uid }),
    args: ['SessionStart'],
    input: JSON.stringify({ session_id: session, cwd: home, source, moment: moments++ }),
    env: { HOME: home, PRESENCE_DSN: `sqlite:${home}/board.db`, CLAUDE_ENV_FILE: file, ...env },
  })
const exported = (name: string) =>
  execFileSync('sh', ['-c', `. '${file}'; printf %s "$${name}"`], { encoding: 'utf8', env: {} })
const linesOf = (name: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line.startsWith(`export ${name}=`))

/** Whether the board knows the session, whatever happened to the file. */
async function isKnown(session = 's1'): Promise<boolean> {
  await using board = await openBoard({ dsn: `sqlite:${home}/board.db`, session: 'eve', env: {} })
  return (await board.who()).sessions.some(({ session: { id } }) => id === session)
}

describe('the file of exports', () => {
  it('has one line for each variable after any number of starts, and keeps every other byte', async () => {
    writeFileSync(file, 'export OTHER=/opt/tool', { mode: 0o640 })
    for (const source of ['startup', 'compact', 'resume', 'clear', 'compact']) {
      expect(await start(source)).toMatchObject({ status: 0, stderr: '' })
      for (const name of ['PRESENCE_SESSION_ID', 'BD_ACTOR']) {
        expect(linesOf(name)).toHaveLength(1)
        expect(exported(name)).toBe('s1')
      }
      expect(readFileSync(file, 'utf8')).toMatch(/^export OTHER=\/opt\/tool\n/)
    }
    const size = statSync(file).size
    await start('resume')
    expect(statSync(file).size).toBe(size)
    expect(statSync(file).mode & 0o777).toBe(0o640)
  })

  it('names the last session if several start in it', async () => {
    for (const session of ['a', 'another-session', 'b']) await start('startup', session)
    expect(linesOf('PRESENCE_SESSION_ID')).toEqual(["export PRESENCE_SESSION_ID='b'"])
  })

  it('has one line for each variable if sessions start at the same time, and loses no other line', async () => {
    writeFileSync(file, 'export OTHER=1\n')
    await start('startup', 'a-longer-id-than-all-others')
    const sessions = Array.from({ length: 8 }, (_, at) => `s${'x'.repeat(at)}`)
    const results = await Promise.all(sessions.map(session => start('startup', session)))
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([0]))
    expect(sessions).toContain(exported('PRESENCE_SESSION_ID'))
    expect(exported('BD_ACTOR')).toBe(exported('PRESENCE_SESSION_ID'))
    const names = readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => line.replace(/=.*/, ''))
    expect(names).toEqual([...new Set(names)])
    expect(exported('OTHER')).toBe('1')
  })

  it('that is a link is changed where it leads, and the link stays', async () => {
    writeFileSync(join(home, 'target'), 'A=1\n')
    symlinkSync('target', file)
    await start()
    expect(lstatSync(file).isSymbolicLink()).toBe(true)
    expect(exported('PRESENCE_SESSION_ID')).toBe('s1')
  })

  it('that has another name keeps both names', async () => {
    writeFileSync(file, 'A=1\n')
    linkSync(file, join(home, 'same'))
    await start()
    await start('startup', 'longer-id')
    expect(readFileSync(join(home, 'same'), 'utf8')).toBe(readFileSync(file, 'utf8'))
  })
})

describe('a file of exports that can’t be used is left as it is, and the session is known, if it is', () => {
  it.each<[string, () => void]>([
    ['a folder', () => mkdirSync(file)],
    ['a pipe', () => execFileSync('mkfifo', [file])],
    ['a link to a device', () => symlinkSync('/dev/full', file)],
    ['a link to a terminal', () => symlinkSync('/dev/tty', file)],
    ['a link to itself', () => symlinkSync('exports', file)],
    ['in a folder that is gone', () => (file = join(home, 'gone/exports'))],
    ['in a file', () => (file = '/etc/hostname/exports')],
    ['larger than any such file', () => writeFileSync(file, Buffer.alloc(2 << 20, 'x\n'))],
  ])('%s', async (_, make) => {
    make()
    const before = existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined
    expect(await start()).toMatchObject({ status: 0, stderr: '' })
    expect(await isKnown()).toBe(true)
    if (before) expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('read-only', async () => {
    writeFileSync(file, 'A=1', { mode: 0o400 })
    // Root may write to a file whatever its mode is.
    if (isRoot) for (const path of [home, file]) chownSync(path, NOBODY, NOBODY)
    expect(await start('startup', 's1', {}, isRoot ? NOBODY : undefined)).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(readFileSync(file, 'utf8')).toBe('A=1')
    expect(await isKnown()).toBe(true)
  })

  it.skipIf(!isRoot)('another user’s, whoever runs the hook', async () => {
    writeFileSync(file, 'A=1')
    chownSync(file, 12_345, 12_345)
    chmodSync(file, 0o666)
    expect(await start()).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(file, 'utf8')).toBe('A=1')
    expect(await isKnown()).toBe(true)
  })
})
