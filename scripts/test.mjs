import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm test`: everything, or `npm test -- --project unit` and whatever else vitest takes.
setUp()
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(NODE, [vitest, 'run', ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' })
process.exit(status ?? 1)
