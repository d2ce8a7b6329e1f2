import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_DOCS, API_REPORT } from './api-tools.mjs'
import { NODE, ROOT, setUp } from './setup.mjs'

// The checks other than tests: format and lint, types, unused code, and the public API.
const CHECKS = [
  ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--diagnostic-level=warn'],
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['node_modules/knip/bin/knip.js'],
  // Fails if the API differs from packages/core/core.api.md: `npm run api` updates that file.
  API_REPORT,
  // Fails if a docstring is missing or a link in one is broken.
  ...API_DOCS.map(docs => [...docs, '--emit', 'none']),
  // Fails if docs/reference or the man page is out of date: `npm run docs:reference` updates them.
  ['build/reference/main.ts', '--check'],
]

setUp()
let failed = false
for (const [program, ...args] of CHECKS) {
  const { status } = spawnSync(NODE, [join(ROOT, program), ...args], { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) console.error(`presence: ${program} ${args.join(' ')} found something; see above`)
  failed ||= status !== 0
}

// Every tracked file that a shell runs. They are found by their first line, because most have no extension.
const shellFiles = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter(path => path !== '' && /\.sh$|\/[^.]+$/.test(path))
  .filter(path => /^#!.*\b(ba|da)?sh\b/.test(firstLine(join(ROOT, path))))
const { status, error } = spawnSync('shellcheck', ['-x', ...shellFiles], { cwd: ROOT, stdio: 'inherit' })
if (error !== undefined)
  console.error('presence: shellcheck is not installed; install the package of that name')
failed ||= status !== 0
process.exit(failed ? 1 : 0)

function firstLine(path) {
  try {
    return readFileSync(path, 'latin1').split('\n', 1)[0]
  } catch {
    return ''
  }
}
