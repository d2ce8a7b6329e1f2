import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run bench`: every budget compared with what was measured. `npm run bench -- --quick`: the fewest
// rounds that count. `npm run load`: a server with many sessions at once, then with its database away in the
// middle: five minutes.
setUp()
const [first, ...rest] = process.argv.slice(2)
const [program, args] = first === 'load' ? ['load/main.ts', rest] : ['main.ts', process.argv.slice(2)]
const { status } = spawnSync(
  NODE,
  ['--disable-warning=ExperimentalWarning', join(ROOT, 'bench', program), ...args],
  { cwd: ROOT, stdio: 'inherit' },
)
process.exit(status ?? 3)
