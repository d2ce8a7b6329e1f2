import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// The checks that run no test: format and lint, types, and what nothing uses.
const CHECKS = [
  ['@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--diagnostic-level=warn'],
  ['typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['knip/bin/knip.js'],
]

setUp()
let failed = false
for (const [program, ...args] of CHECKS) {
  const { status } = spawnSync(NODE, [join(ROOT, 'node_modules', program), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  if (status !== 0) console.error(`presence: ${program} ${args.join(' ')} found something; see above`)
  failed ||= status !== 0
}
process.exit(failed ? 1 : 0)
