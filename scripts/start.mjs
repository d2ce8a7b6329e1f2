import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm start` runs the tour. `npm start -- list` runs the command line.
setUp()
const args = process.argv.slice(2)
const [program, ...rest] =
  args.length > 0
    ? [join(ROOT, 'packages/cli/bin/presence'), ...args]
    : [NODE, join(ROOT, 'scripts/tour.mjs')]
const { status } = spawnSync(program, rest, { stdio: 'inherit' })
process.exit(status ?? 3)
