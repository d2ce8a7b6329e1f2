import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * The account's home folder, not HOME: tests set HOME to a folder of their own, and a build must outlive
 * them.
 */
export const HOME = userInfo().homedir
const CACHE = join(process.env.XDG_CACHE_HOME || join(HOME, '.cache'), 'presence')

/** The path of a folder in the cache. */
export function cached(name) {
  return join(CACHE, name)
}

/**
 * Makes a folder of the cache once, even if several processes ask for it at the same time: the others wait
 * for the first. The lock is the kernel's and ends with the last process of the build. So a killed build
 * blocks no other process, and a build whose caller was killed still finishes and is kept. Without `flock`
 * (macOS), two processes at the same time do the work twice.
 *
 * @param {object} options
 * @param {string} options.folder
 * @param {string} [options.whole] exists once the folder is complete: the folder itself by default
 * @param {string} options.script fills `$PART`, which then becomes `$FOLDER`; or fills `$FOLDER` and makes
 * `$WHOLE` last
 * @param {string} options.what for messages, such as `dolt from its Go modules`
 * @param {string} [options.cwd]
 * @param {(line: string) => void} [options.say] called before a wait
 */
export function once({ folder, whole = folder, script, what, cwd, say = () => {} }) {
  if (existsSync(whole)) return
  mkdirSync(dirname(folder), { recursive: true })
  const lock = `${folder}.lock`
  const part = `${folder}.part`
  const isTaken = spawnSync('flock', ['-n', lock, 'true']).status === 1
  say(isTaken ? `waiting for another process to make ${what}` : `making ${what}`)
  const build = `[ -e "$WHOLE" ] || { rm -rf "$FOLDER" "$PART"; ${script}\n[ -e "$WHOLE" ] || mv "$PART" "$FOLDER"; }`
  const shell = ['sh', '-ec', build]
  const [program, ...args] = hasFlock() ? ['flock', lock, ...shell] : shell
  const { status, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, HOME, FOLDER: folder, PART: part, WHOLE: whole },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status === 0) return
  const said = error?.message ?? stderr.trim().split('\n').slice(-20).join('\n')
  throw new Error(`could not make ${what}: ${said}`)
}

function hasFlock() {
  return spawnSync('flock', ['--help'], { stdio: 'ignore' }).status === 0
}
