import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Makes everything that the tests of CI need, ahead of them: what is needed first comes first, then what takes longest. Two
// at a time, since a link runs on one core. What fails here is tried again, and reported, by the test that needs it.
const HERE = dirname(fileURLToPath(import.meta.url))
const LANES = 2
const WORK = [
  ['build.mjs', 'dolt'],
  ['build.mjs', 'kubernetes'],
  ['npm.mjs', 'gitlab-ci-local', 'claude-code'],
  ['python.mjs', 'schemathesis'],
  ['build.mjs', 'act'],
  ['build.mjs', 'pulumi'],
  ['build.mjs', 'coredns'],
  ['build.mjs', 'pulumi-resource-kubernetes'],
  ['build.mjs', 'pulumi-language-nodejs'],
]

async function lane() {
  for (let work = WORK.shift(); work; work = WORK.shift()) {
    const [script, ...args] = work
    const child = spawn(process.execPath, [join(HERE, script), ...args], { stdio: 'inherit' })
    const [status] = await once(child, 'exit')
    if (status !== 0) console.error(`presence: ${work.join(' ')} failed; the test that needs it tries again`)
  }
}

await Promise.all(Array.from({ length: LANES }, lane))
