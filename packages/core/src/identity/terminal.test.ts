import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { terminalId } from './terminal.ts'

const NODE = fileURLToPath(new URL('../../../../node_modules/node/bin/node', import.meta.url))
const MODULE = new URL('./terminal.ts', import.meta.url).href
const SCRIPT = `import('${MODULE}').then(({ terminalId }) => console.log(terminalId()))`

/** The ids that two commands get, one after the other, in a new terminal session with its own shell. */
async function idsInNewSession(): Promise<readonly string[]> {
  const twice = '"$0" -e "$1"; "$0" -e "$1"; exit'
  const { stdout } = await promisify(execFile)('setsid', ['--wait', 'sh', '-c', twice, NODE, SCRIPT])
  return stdout.trim().split('\n')
}

describe("a terminal's id", () => {
  it('is eight hexadecimal digits, and the same each time a process asks', () => {
    const id = terminalId()
    expect(id).toMatch(/^[0-9a-f]{8}$/)
    expect(terminalId()).toBe(id)
  })

  it.skipIf(process.platform !== 'linux')(
    "is the same for all commands of one terminal, and differs from another terminal's",
    async () => {
      const [one, other] = await Promise.all([idsInNewSession(), idsInNewSession()])
      expect([one.length, other.length]).toEqual([2, 2])
      expect(one[0]).toMatch(/^[0-9a-f]{8}$/)
      expect(one[0]).toBe(one[1])
      expect(other[0]).toBe(other[1])
      expect(one[0]).not.toBe(other[0])
      expect([one[0], other[0]]).not.toContain(terminalId())
    },
  )
})
