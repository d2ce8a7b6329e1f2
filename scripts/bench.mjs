import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run bench` compares every budget with the measured value. `npm run bench -- --quick` does so with the
// minimum number of rounds. `npm run load` (5 minutes) runs a server with many sessions: first without a
// fault, then once for each database fault, with the database stopped, frozen or killed in the middle of the
// run.
setUp()
const [first, ...rest] = process.argv.slice(2)
const [program, args] = first === 'load' ? ['load/main.ts', rest] : ['main.ts', process.argv.slice(2)]
const { status } = spawnSync(
  NODE,
  ['--disable-warning=ExperimentalWarning', join(ROOT, 'bench', program), ...args],
  { cwd: ROOT, stdio: 'inherit' },
)
process.exit(status ?? 3)
