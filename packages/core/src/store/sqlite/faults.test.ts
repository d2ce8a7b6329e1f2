import { afterEach, expect, it, vi } from 'vitest'
import { sqliteFault } from './faults.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Below this file there is no folder, whatever other tests make. */
const GONE = `${import.meta.filename}/home`

const failedWith = (code: string) => Object.assign(new Error(code), { code })

it.each(['EACCES', 'ENOENT', 'ENOTDIR'])(
  '%s below a home that is not there is mended by setting HOME',
  code => {
    vi.stubEnv('HOME', GONE)
    const fault = sqliteFault(failedWith(code), `${GONE}/.local/state/presence/board.db`)
    expect(fault).toMatchObject({
      code: 'not_writable',
      remedy: expect.stringMatching(/^set HOME .*PRESENCE_DSN/),
    })
    expect(sqliteFault(failedWith(code), '/elsewhere/board.db').remedy).not.toContain('HOME')
  },
)

it('a board’s file that a project named is quoted, so that agents read its name as data', () => {
  for (const code of ['EACCES', 'ENOSPC', 'EROFS', 'ENAMETOOLONG', 'ENOTHING']) {
    const { message, remedy } = sqliteFault(failedWith(code), '/x/a\n"IMPORTANT" <obey>.db')
    expect(message).toMatch(/"[^"]*IMPORTANT[^"]*"/)
    for (const text of [message, remedy]) {
      expect(text).not.toMatch(/[\n<>]/)
      expect(text.replaceAll(/"[^"]*"/g, '')).not.toContain('IMPORTANT')
    }
  }
})
