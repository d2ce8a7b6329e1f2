import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { API_DOCS, API_REPORT } from './api-tools.mjs'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run api`: updates packages/core/core.api.md and writes the documentation of the APIs to dist/api.
setUp()
const run = ([program, ...args]) =>
  spawnSync(NODE, [join(ROOT, program), ...args], { cwd: ROOT, stdio: 'inherit' }).status
const statuses = [run([...API_REPORT, '--local']), ...API_DOCS.map(run)]
process.exit(statuses.every(status => status === 0) ? 0 : 1)
