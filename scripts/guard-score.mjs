import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run guard:score -- <folder>`: precision and recall of the guard on command lines that others labelled.
setUp()
const main = join(ROOT, 'packages/guard/src/score/main.ts')
process.exit(spawnSync(NODE, [main, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1)
