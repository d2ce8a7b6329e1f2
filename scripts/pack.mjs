import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run pack`: builds, and writes the packages that are published to dist/packages, or to the folder that is named:
// `npm run pack -- ../out`. The folder is relative to where npm was started.
setUp({ fresh: true })
const [folder = join(ROOT, 'dist/packages')] = process.argv.slice(2)
const target = resolve(process.env.INIT_CWD ?? process.cwd(), folder)
const { status } = spawnSync(NODE, [join(ROOT, 'build/pack.ts'), target], { cwd: ROOT, stdio: 'inherit' })
process.exit(status ?? 1)
