import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run test:long` runs the tests that take too long for CI, about two and a half hours. CI runs a
// shortened version of each part except the mutations. `npm run test:long -- races soak load` runs only the
// named parts.
setUp()
const SOAK = ['--disable-warning=ExperimentalWarning', join(ROOT, 'packages/history/src/soak/main.ts')]
const SUITES = ['races', 'exclusive', 'queue-replay', 'schemathesis'].map(name => `e2e/${name}.test.ts`)
const PARTS = {
  races: () => [[join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e', ...SUITES]],
  soak: () =>
    ['sqlite', 'mariadb', 'dolt', 'http'].map(engine => [
      ...SOAK,
      '--engine',
      engine,
      '--minutes',
      '20',
      '--seed',
      '1',
    ]),
  mutations: () => [[join(ROOT, 'scripts/mutations.mjs')]],
  load: () => [[join(ROOT, 'scripts/bench.mjs'), 'load']],
}

const names = process.argv.slice(2)
const unknown = names.filter(name => !Object.hasOwn(PARTS, name))
if (unknown.length > 0) {
  console.error(
    `presence: no part is called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`,
  )
  process.exit(2)
}
const env = { ...process.env, PRESENCE_LONG: '1', PRESENCE_SCHEMATHESIS: '1' }
const failed = []
for (const name of names.length > 0 ? names : Object.keys(PARTS))
  for (const args of PARTS[name]()) {
    const { status } = spawnSync(NODE, args, { cwd: ROOT, env, stdio: 'inherit' })
    if (status !== 0) failed.push(`${name} (exit ${status})`)
  }
console.log(failed.length > 0 ? `presence: failed: ${failed.join(', ')}` : 'presence: all of it passed')
process.exit(failed.length > 0 ? 1 : 0)
