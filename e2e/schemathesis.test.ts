import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hasPython, pythonPrograms } from '../toolchain/python.mjs'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'

const run = promisify(execFile)
/** A newcomer's `npm test` fetches nothing from Python's registry: CI does. */
const here = hasPython() && (process.env['CI'] !== undefined || process.env['PRESENCE_SCHEMATHESIS'] === '1')

/** Some 70 routes, each with some hundred requests. */
const WITHIN_MS = 900_000

/** Tries every route by its document: what is sent is made from the schemas, and what they don't allow too. */
describe.skipIf(!here)('the HTTP API, tried by schemathesis with all its checks', () => {
  it(
    'answers nothing that its OpenAPI document doesn’t say, and never with a 5xx',
    async () => {
      const folder = scratchFolder()
      await using server = new Running(
        ['serve', '--port', '0', '--dsn', `sqlite:${join(folder, 'board.db')}`],
        {
          HOME: folder,
        },
      )
      const url = /http:\S+/.exec(await server.line(/serving on/))?.[0] ?? ''
      const schemathesis = join(pythonPrograms('schemathesis', console.warn), 'schemathesis')
      // In one worker: in two, the parser that it has of Python 3.11 gives up at the depth of a thread.
      const args = ['run', `${url}/openapi.json`, '--checks', 'all', '--max-examples', '5', '--workers', '1']
      const said = await run(schemathesis, [...args, '--seed', '1', '--continue-on-failure'], {
        cwd: folder,
        maxBuffer: 64 * 1024 * 1024,
        timeout: WITHIN_MS,
      }).catch((error: { stdout: string }) => ({ ...error, failed: true }))
      console.log(said.stdout.split('\n').slice(-40).join('\n'))
      expect(said).not.toHaveProperty('failed')
    },
    WITHIN_MS,
  )
})
