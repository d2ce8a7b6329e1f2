import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run soak -- --engine sqlite`: many processes on one board under faults, and a check of the answers
// that they got.
setUp()
const main = join(ROOT, 'packages/history/src/soak/main.ts')
const args = ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)]
process.exit(spawnSync(NODE, args, { stdio: 'inherit' }).status ?? 1)
