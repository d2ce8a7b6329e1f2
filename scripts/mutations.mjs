import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run mutations [-- name…]`: plants faults in copies of the library and checks that the recorded-history
// checker finds each of them.
setUp()
const main = join(ROOT, 'packages/history/src/mutations/main.ts')
const args = ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)]
process.exit(spawnSync(NODE, args, { stdio: 'inherit' }).status ?? 1)
