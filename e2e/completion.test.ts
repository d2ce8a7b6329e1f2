import { describe, expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { dolt, newBoardOnDolt, startDolt } from './support/dolt.ts'
import { scratchFolder } from './support/scratch.ts'
import { until } from './support/until.ts'

describe.skipIf(!dolt)('completion with a database server', () => {
  it('offers its labels, and does not deliver the outbox', async () => {
    const server = await startDolt()
    try {
      const { dsn } = await newBoardOnDolt(server.port)
      const env = { PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: 'ana', XDG_STATE_HOME: scratchFolder() }
      const claim = (label: string) => presence(['claim', label, '--purpose', 'p'], { env })
      await claim('node:told')
      await server.kill()
      expect((await claim('node:queued')).stderr).toContain('queued')
      expect(await presence(['complete', '--', 'peek', ''], { env })).toEqual({
        status: 0,
        stdout: '',
        stderr: '',
      })
      await server.run()

      // Within 200 ms or not at all: a busy machine may need another Tab.
      const offered = await until('labels', async () => {
        const { stdout } = await presence(['complete', '--', 'peek', 'node:'], { env })
        return stdout
      })

      expect(offered).toBe('node:told\tana: p\n')
      expect((await presence(['list'], { env })).stderr).toContain('delivered 1 queued operation')
    } finally {
      await server.stop()
    }
  })
})
