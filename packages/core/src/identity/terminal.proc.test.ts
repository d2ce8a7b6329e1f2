import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { terminalId } from './terminal.ts'

let proc: Record<string, string>

vi.mock('node:fs', () => ({
  readFileSync: (path: string) => {
    const text = proc[path]
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
    return text
  },
}))

const BOOT = '/proc/sys/kernel/random/boot_id'

/**
 * A line of /proc/<pid>/stat: pid, name, state, parent, group, session, and the start time as its 22nd field.
 */
function stat(pid: number, name: string, session: number, start: number): string {
  const between = Array.from({ length: 15 }, (_, at) => 100 + at).join(' ')
  return `${pid} (${name}) S 1 ${pid} ${session} ${between} ${start} 0 0\n`
}

const real = process

function pretend(properties: Partial<NodeJS.Process>): void {
  const pretended = Object.entries(properties).map(([name, value]) => [name, { value }])
  vi.stubGlobal('process', Object.create(real, Object.fromEntries(pretended)))
}

beforeEach(() => {
  pretend({ platform: 'linux', ppid: 77 })
  proc = {
    [BOOT]: 'b0\n',
    '/proc/self/stat': stat(50, 'node', 40, 9_000),
    '/proc/40/stat': stat(40, 'bash', 40, 1_000),
    '/proc/77/stat': stat(77, 'make', 40, 2_000),
  }
})
afterEach(() => vi.unstubAllGlobals())

describe("a terminal's id from /proc", () => {
  it('depends only on the leader of the terminal session, not on the process that asks', () => {
    const id = terminalId()
    proc['/proc/self/stat'] = stat(51, 'node', 40, 9_500)
    proc['/proc/77/stat'] = stat(77, 'sh', 40, 2_500)
    expect(terminalId()).toBe(id)
  })

  it.each([
    ['another leader', () => Object.assign(proc, { '/proc/self/stat': stat(50, 'node', 77, 9_000) })],
    [
      'a leader with a recycled process id',
      () => Object.assign(proc, { '/proc/40/stat': stat(40, 'bash', 40, 1_001) }),
    ],
    ['another boot', () => Object.assign(proc, { [BOOT]: 'b1\n' })],
  ])('differs for %s', (_, change) => {
    const id = terminalId()
    change()
    expect(terminalId()).not.toBe(id)
  })

  it('uses the start time even after a name with spaces and brackets', () => {
    proc['/proc/40/stat'] = stat(40, 'a) S 1 (b', 40, 1_000)
    const id = terminalId()
    proc['/proc/40/stat'] = stat(40, 'a) S 1 (b', 40, 1_001)
    expect(terminalId()).not.toBe(id)
    proc['/proc/40/stat'] = stat(40, 'bash', 40, 1_000)
    expect(terminalId()).toBe(id)
  })

  it.each([
    ['without a session', stat(50, 'node', 0, 9_000)],
    ['without /proc/self/stat', undefined],
  ])('%s is taken from the parent process', (_, self) => {
    if (self === undefined) delete proc['/proc/self/stat']
    else proc['/proc/self/stat'] = self
    const id = terminalId()
    proc['/proc/40/stat'] = stat(40, 'bash', 40, 5_000)
    expect(terminalId()).toBe(id)
    proc['/proc/77/stat'] = stat(77, 'make', 40, 5_000)
    expect(terminalId()).not.toBe(id)
  })

  it('stays the same after the leader has ended', () => {
    delete proc['/proc/40/stat']
    expect(terminalId()).toMatch(/^[0-9a-f]{8}$/)
    expect(terminalId()).toBe(terminalId())
  })

  it("exists even if the boot id can't be read", () => {
    delete proc[BOOT]
    expect(terminalId()).toMatch(/^[0-9a-f]{8}$/)
  })
})

describe("a terminal's id without /proc", () => {
  it.each(['TERM_SESSION_ID', 'ITERM_SESSION_ID'])('is derived from %s', variable => {
    const idWith = (value: string) => {
      pretend({ platform: 'darwin', env: { [variable]: value } })
      return terminalId()
    }
    expect(idWith('w0t0p0')).toMatch(/^[0-9a-f]{8}$/)
    expect(idWith('w0t0p0')).toBe(idWith('w0t0p0'))
    expect(idWith('w0t0p0')).not.toBe(idWith('w0t1p0'))
  })
})
