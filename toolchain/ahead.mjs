import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Prepares in the background everything that the tests of CI need: first what `npm test` waits for, then the
// parts of the cluster, the slowest first, on the cores that the tests leave free. Two builds run at a time,
// because a linker uses one core. If something fails here, the test that needs it tries again and reports it.
const HERE = dirname(fileURLToPath(import.meta.url))
const LANES = 2
const [SOON, LATER] = [5, 19]
const WORK = [
  [SOON, 'build.mjs', 'dolt'],
  [SOON, 'python.mjs', 'schemathesis'],
  [
    SOON,
    'npm.mjs',
    'gitlab-ci-local',
    'claude-code',
    'codex',
    'gemini-cli',
    'node-20',
    'node-22',
    'node-26',
    'vitepress',
  ],
  [SOON, 'build.mjs', 'act'],
  [LATER, 'build.mjs', 'kubernetes'],
  [LATER, 'build.mjs', 'pulumi'],
  [LATER, 'build.mjs', 'coredns'],
  [LATER, 'build.mjs', 'pulumi-resource-kubernetes'],
  [LATER, 'build.mjs', 'pulumi-language-nodejs'],
]

async function lane() {
  for (let work = WORK.shift(); work; work = WORK.shift()) {
    const [niceness, script, ...args] = work
    const command = [process.execPath, join(HERE, script), ...args]
    const child = spawn('nice', ['-n', String(niceness), ...command], { stdio: 'inherit' })
    const [status] = await once(child, 'exit')
    if (status !== 0)
      console.error(`presence: ${script} ${args.join(' ')} failed; the test that needs it tries again`)
  }
}

await Promise.all(Array.from({ length: LANES }, lane))
