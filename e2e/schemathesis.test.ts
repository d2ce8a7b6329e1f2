import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CALLS, type CallName, storesAnswer } from '@presence/core/internal'
import { describe, expect, it } from 'vitest'
import { hasPython, pythonPrograms } from '../toolchain/python.mjs'
import { extent } from './support/extent.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'

const run = promisify(execFile)
/** A new contributor's `npm test` downloads nothing from Python's registry. CI does. */
const here = hasPython() && (process.env['CI'] !== undefined || process.env['PRESENCE_SCHEMATHESIS'] === '1')

/** Limits a run that hangs: on two cores with other tests the slowest part takes some minutes. */
const WITHIN_MS = 1_200_000

/**
 * Its phases, in parts of about the same length. Each part has its own server and board, so the parts run in
 * parallel.
 */
const PARTS = ['examples,fuzzing', 'coverage', 'stateful']

/** Tries every route of the OpenAPI document with requests generated from the schemas, valid and invalid. */
describe.skipIf(!here)('the HTTP API, tried by schemathesis with all its checks', () => {
  it(
    'gives no answer that its OpenAPI document doesn’t define, and never a 5xx',
    async () => {
      const schemathesis = join(pythonPrograms('schemathesis', console.warn), 'schemathesis')
      const folders = PARTS.map(() => scratchFolder())
      const said = await Promise.all(
        PARTS.map((phases, at) => tryAll(schemathesis, phases, folders[at] ?? '')),
      )
      for (const { stdout } of said) console.log(stdout.split('\n').slice(-40).join('\n'))
      for (const each of said) expect(each).not.toHaveProperty('failed')
    },
    WITHIN_MS,
  )
})

/** A valid request to these is refused with 422 if its key was sent with another body before, as it must be. */
const KEYED = Object.keys(CALLS).filter(name => storesAnswer(name as CallName))
const CONFIG = `
[[operations]]
include-operation-id = ${JSON.stringify(KEYED)}
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429"]
`

async function tryAll(schemathesis: string, phases: string, folder: string) {
  const dsn = `sqlite:${join(folder, 'board.db')}`
  await using server = new Running(['serve', '--port', '0', '--dsn', dsn], { HOME: folder })
  const url = /http:\S+/.exec(await server.line(/serving on/))?.[0] ?? ''
  writeFileSync(join(folder, 'schemathesis.toml'), CONFIG)
  // With one worker: with two, the parser of its Python 3.11 fails at the stack depth of a thread.
  const args = ['run', `${url}/openapi.json`, '--checks', 'all', '--phases', phases, '--workers', '1']
  const bounds = ['--max-examples', `${extent(3, 10)}`, '--seed', '1', '--continue-on-failure']
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: WITHIN_MS }
  return await run(schemathesis, [...args, ...bounds], options).catch((error: { stdout: string }) => ({
    ...error,
    failed: true,
  }))
}
