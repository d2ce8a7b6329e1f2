import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'dolt')
const PACKAGE = 'github.com/dolthub/dolt/go/cmd/dolt'

/** Is there a Go to build with? */
export function hasGo() {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0
}

/**
 * The path of the Dolt that the tests run on, built first if the cache lacks it (some minutes). Built beside its place
 * and moved there in one step, so that a build cut short leaves nothing that looks whole.
 *
 * @param {(line: string) => void} say told before a build starts
 * @returns {string}
 */
export function doltBinary(say = () => {}) {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(FOLDER, file)))
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'presence/toolchain')
  const binary = join(cache, `dolt-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary
  mkdirSync(cache, { recursive: true })
  say('building Dolt from its Go module: this takes some minutes, once')
  const building = `${binary}.${process.pid}`
  try {
    execFileSync('go', ['build', '-ldflags', '-s -w', '-o', building, PACKAGE], {
      cwd: FOLDER,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    renameSync(building, binary)
  } finally {
    rmSync(building, { force: true })
  }
  return binary
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(doltBinary(line => console.error(line)))
