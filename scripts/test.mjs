import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm test` runs all tests that work on any machine. Options go to vitest: `npm test -- --project unit`.
// `npm run test:e2e` runs the tests on a real Kubernetes, which need root.
setUp()
const args = process.argv.slice(2)
const projects = args.some(arg => arg.startsWith('--project')) ? [] : ['--project=!cluster']
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(NODE, [vitest, 'run', ...projects, ...args], { cwd: ROOT, stdio: 'inherit' })
process.exit(status ?? 1)
