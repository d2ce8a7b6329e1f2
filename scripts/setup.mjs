import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
/** The Node that everything runs on. This script itself only needs Node 18. */
export const NODE = join(ROOT, 'node_modules/node/bin/node')
const PNPM = 'pnpm@12.21.0'
const STAMPS = join(ROOT, 'node_modules/.presence')

// Read from the disk instead of listed here: if a list missed a package, the tests would run an outdated
// build of it.
const FOLDERS = readdirSync(join(ROOT, 'packages')).map(name => `packages/${name}`)
const PACKAGES = ['package.json', 'infra/package.json', ...present(FOLDERS, 'package.json')]
const PARTS = ['src', 'bin', 'launch.sh', 'trouble.sh']
const SOURCES = ['build', 'migrations', ...PARTS.flatMap(part => present(FOLDERS, part))]

/** Installs and builds, each only if its inputs have changed since. With `fresh` it always builds. */
export function setUp({ fresh = false } = {}) {
  once('installed', ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...PACKAGES], () => {
    const frozen = process.env.CI ? ['--frozen-lockfile'] : []
    run('npx', ['--yes', PNPM, 'install', '--prefer-offline', ...frozen], 'installing (some seconds, once)')
  })
  if (fresh) rmSync(join(STAMPS, 'built'), { force: true })
  once('built', [...PACKAGES, ...SOURCES], () => {
    run(NODE, [join(ROOT, 'node_modules/rolldown/bin/cli.mjs'), '-c', 'build/rolldown.config.ts'], 'building')
    run(NODE, [join(ROOT, 'build/assemble.ts')])
    run(NODE, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'packages/core/tsconfig.types.json'])
  })
}

/** Runs `work` unless it already ran for exactly these files. */
function once(name, paths, work) {
  const stamp = join(STAMPS, name)
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesIn)) hash.update(file).update(readFileSync(join(ROOT, file)))
  const now = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return
  work()
  mkdirSync(STAMPS, { recursive: true })
  writeFileSync(stamp, now)
}

function present(folders, part) {
  return folders.map(folder => `${folder}/${part}`).filter(path => existsSync(join(ROOT, path)))
}

function filesIn(path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path]
  return readdirSync(join(ROOT, path))
    .sort()
    .filter(name => !name.endsWith('.test.ts'))
    .flatMap(name => filesIn(join(path, name)))
}

/** Runs a command quietly; shows its output only if it failed. */
function run(command, args, saying) {
  if (saying) console.error(`presence: ${saying}`)
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' })
  if (status === 0) return
  console.error(stdout, stderr, error?.message ?? '')
  console.error(`presence: ${command} ${args.join(' ')} failed; see above`)
  process.exit(1)
}
