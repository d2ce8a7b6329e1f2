import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run bench`: every budget beside what was measured. `npm run bench -- --quick`: the fewest rounds that count.
setUp()
const { status } = spawnSync(
  NODE,
  ['--disable-warning=ExperimentalWarning', join(ROOT, 'bench/main.ts'), ...process.argv.slice(2)],
  { cwd: ROOT, stdio: 'inherit' },
)
process.exit(status ?? 3)
