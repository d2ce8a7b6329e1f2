import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Timed } from './pairs.ts'

const PRESENCE = join(import.meta.dirname, '../node_modules/.bin/presence')

/** Beyond this a command hangs, and no median is worth waiting for. */
const COMMAND_MS_MAX = 10_000

/** What a command may know of this machine. */
export type Environment = Readonly<Record<string, string>>

/**
 * An environment of our own making, in a folder of our own: whatever else is set here (NODE_EXTRA_CA_CERTS slows
 * Node's start by a third, NODE_OPTIONS may do anything) would be measured too, and the user's own board be written.
 */
export function environmentIn(folder: string, more: Environment = {}): Environment {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    PRESENCE_SESSION_ID: 'bench@bench',
    ...more,
  }
}

/** Node starting and ending with nothing to do: what every command here is compared with. */
export function emptyNode(env: Environment): Timed {
  return () => run(process.execPath, ['-e', '0'], env)
}

/** The command line. Strict, because an advisory verb that reached no board still exits 0, and soon. */
export function presence(env: Environment, ...args: string[]): Timed {
  return () => run(PRESENCE, ['--strict', ...args], env)
}

/**
 * Runs a program without a shell, and gives the milliseconds from its start to its end.
 *
 * @throws when it fails or complains: what didn't do its work has no speed
 */
export function run(
  file: string,
  args: readonly string[],
  env: Environment,
  input?: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let complaint = ''
    let ms = Number.NaN
    const from = process.hrtime.bigint()
    const child = spawn(file, args, {
      env,
      cwd: '/',
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: COMMAND_MS_MAX,
    })
    child.on('exit', () => {
      ms = Number(process.hrtime.bigint() - from) / 1e6
    })
    // A hook that needs no input reads none, and is gone before it is written.
    child.stdin?.on('error', () => {}).end(input)
    child.stdout?.resume()
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    child.on('error', reject)
    child.on('close', (status, signal) => {
      if (status === 0 && complaint === '') return resolve(ms)
      reject(new Error(`${file} ${args.join(' ')} ended with ${signal ?? status}: ${complaint.trim()}`))
    })
  })
}
