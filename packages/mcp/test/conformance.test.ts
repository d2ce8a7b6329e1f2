import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Running } from '../../../e2e/support/running.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { NOT_APPLICABLE } from './not-applicable.ts'

const run = promisify(execFile)
const SUITE = join(
  import.meta.dirname,
  '../../../node_modules/@modelcontextprotocol/conformance/dist/index.js',
)

interface Check {
  readonly id: string
  readonly status: string
}

/** Runs the suite against a server. Returns each check's status, by `scenario/check`. */
async function checksOf(version: string): Promise<ReadonlyMap<string, string>> {
  const folder = scratchFolder()
  await using server = new Running(['serve', '--port', '0', '--dsn', `sqlite:${folder}/board.db`], {
    HOME: folder,
  })
  const url = /http:\S+/.exec(await server.line(/serving on/))?.[0] ?? ''
  const args = ['server', '--url', `${url}/mcp`, '--suite', 'all', '--spec-version', version]
  // Ignore the exit status: it is 1 also for checks that don't apply. The findings decide.
  await run(process.execPath, [SUITE, ...args, '-o', folder], { cwd: folder }).catch(() => undefined)
  return new Map(
    globSync('server-*/checks.json', { cwd: folder }).flatMap(file => {
      const scenario = file.replace(/^server-(.*?)-\d{4}-\d\d-\d\dT.*$/, '$1')
      const checks = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly Check[]
      return checks.map(({ id, status }) => [`${scenario}/${id}`, status] as const)
    }),
  )
}

describe('MCP over HTTP, by the official conformance suite', () => {
  it.each([
    ['2025-06-18', ['server-initialize', 'ping', 'tools-list']],
    ['2025-11-25', ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection']],
    [
      '2026-07-28',
      ['server-stateless', 'tools-list', 'http-header-validation', 'caching', 'dns-rebinding-protection'],
    ],
  ] as const)(
    'passes every check for %s except those listed as not applicable',
    async (version, scenarios) => {
      const checks = await checksOf(version)
      const failed = [...checks].filter(([, status]) => status === 'FAILURE').map(([id]) => id)
      const applies = (id: string) => !NOT_APPLICABLE.some(([named]) => named.test(id))
      expect(failed.filter(applies)).toEqual([])
      for (const scenario of scenarios)
        expect(
          [...checks].filter(([id, status]) => id.startsWith(`${scenario}/`) && status === 'SUCCESS'),
        ).not.toEqual([])
    },
    120_000,
  )

  it('fails every check that is listed as not applicable', async () => {
    const all = [...(await checksOf('2025-11-25')), ...(await checksOf('2026-07-28'))]
    const failed = all.filter(([, status]) => status === 'FAILURE').map(([id]) => id)
    expect(NOT_APPLICABLE.filter(([named]) => !failed.some(id => named.test(id)))).toEqual([])
  }, 240_000)
})
