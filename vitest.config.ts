import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { CORE_ENTRIES } from './build/core-entries.ts'
import { migrationsPlugin } from './build/migrations-plugin.ts'
import { viewerPlugin } from './build/viewer-plugin.ts'

/** Builds Dolt if necessary and starts the server that a project's tests share. */
const onDolt = { globalSetup: 'e2e/support/global-setup.ts' }
/** Only stops a test that hangs. Speed is measured in bench/, not here. */
const patient = { testTimeout: 180_000, hookTimeout: 300_000 }

/** Most tests wait for processes and databases, so more of them than cores run at the same time. */
const maxWorkers = availableParallelism() + 2

/** The files that take minutes, the slowest first, so that the run doesn't end with one long file alone. */
const SLOW = [
  'races',
  'schemathesis',
  'exclusive',
  'soak',
  'siblings',
  'queue',
  'survival',
  'worktree-',
  'ci-snippets',
  'agents/',
  'waiting',
  'run',
  'follow',
  'unreachable',
  'versions',
  'load',
]

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = SLOW.findIndex(name => moduleId.includes(`/e2e/${name}`))
      return at < 0 ? SLOW.length : at
    }
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

/** Files that a test leaves behind by default go here, never into the user's own home. */
const env = { HOME: mkdtempSync(join(tmpdir(), 'presence-test-home-')) }
process.on('exit', () => rmSync(env.HOME, { recursive: true, force: true }))

export default defineConfig({
  plugins: [migrationsPlugin(), viewerPlugin({ inTests: true })],
  resolve: { alias: CORE_ENTRIES },
  test: {
    env,
    maxWorkers,
    sequence: { sequencer: SlowestFirst },
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.reports/tests.json' },
    projects: [
      // The tests that need no built file and no server.
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'packages/guard/test/**/*.test.ts', 'infra/**/*.test.ts'],
          ...patient,
        },
      },
      // The library on every store, and the server on real ones.
      {
        test: {
          name: 'contract',
          include: ['packages/{core,doctor,server}/test/**/*.test.ts'],
          ...patient,
          ...onDolt,
        },
      },
      // The built command.
      { test: { name: 'cli', include: ['packages/{cli,hooks,mcp}/test/**/*.test.ts'], ...patient } },
      // A real Kubernetes and a real `pulumi up`: only if requested by name (`npm run test:e2e`), because it
      // needs root.
      {
        test: {
          name: 'cluster',
          include: ['e2e/cluster/**/*.test.ts'],
          globalSetup: 'e2e/cluster/support/global-setup.ts',
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      // Races, faults, other tools and clients: real processes on a real server.
      {
        test: {
          name: 'e2e',
          include: ['e2e/*.test.ts', 'e2e/agents/*.test.ts'],
          ...patient,
          ...onDolt,
          testTimeout: 300_000,
        },
      },
    ],
  },
})
