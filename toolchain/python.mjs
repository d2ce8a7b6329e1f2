import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const PYTHON = 'python3'

/** Is there a Python that makes virtual environments? */
export function hasPython() {
  return spawnSync(PYTHON, ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0
}

/**
 * The folder with the programs of a set of Python packages, installed first if the cache lacks it. A virtual environment
 * can't be moved once it is made: a file in it says that it is whole.
 *
 * @param {'pymysql' | 'schemathesis'} packages a folder beside this script with a `requirements.txt`
 * @param {(line: string) => void} say told before an installation starts
 * @returns {string}
 */
export function pythonPrograms(packages, say = () => {}) {
  const requirements = join(HERE, packages, 'requirements.txt')
  const version = execFileSync(PYTHON, ['--version'], { encoding: 'utf8' })
  const hash = createHash('sha256').update(version).update(readFileSync(requirements))
  // Not HOME, which is a folder of a test's own where a test asks: what is installed is for the next time too.
  const cache = join(process.env.XDG_CACHE_HOME || join(userInfo().homedir, '.cache'), 'presence/toolchain')
  const folder = join(cache, `${packages}-${hash.digest('hex').slice(0, 16)}.d`)
  const whole = join(folder, 'whole')
  const programs = join(folder, 'bin')
  if (existsSync(whole)) return programs
  say(`installing ${packages} from Python packages: this takes some 30 s, once`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  run(PYTHON, ['-m', 'venv', folder])
  run(join(programs, 'pip'), ['install', '--quiet', '--retries', '2', '--no-deps', '-r', requirements])
  mkdirSync(whole)
  return programs
}

/** @throws with the last line of what it said */
function run(file, args) {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 })
  if (status === 0) return
  throw new Error(`${file} ${args[0]} failed: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
}
