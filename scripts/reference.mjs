import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { LIBRARY_PAGES } from './api-tools.mjs'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run docs:reference`: writes the pages that are made from the code. docs/reference/library is not in the
// repository, because packages/core/core.api.md already shows each change of the API.
setUp()
for (const [program, ...args] of [['build/reference/main.ts'], LIBRARY_PAGES]) {
  const { status } = spawnSync(NODE, [join(ROOT, program), ...args], { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
