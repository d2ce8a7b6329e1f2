import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Timed } from './pairs.ts'

const PRESENCE = join(import.meta.dirname, '../node_modules/.bin/presence')

/** A command that takes longer than this hangs, and is not worth measuring. */
const COMMAND_MS_MAX = 10_000

/** The environment variables that a command sees. */
export type Environment = Readonly<Record<string, string>>

/**
 * An environment and a folder of our own. Otherwise other variables of this machine would be measured too
 * (NODE_EXTRA_CA_CERTS slows Node's start by a third, NODE_OPTIONS may do anything), and the user's own board
 * would be written.
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

/** Starts Node with nothing to do: the reference for every command here. */
export function emptyNode(env: Environment): Timed {
  return () => run(process.execPath, ['-e', '0'], env)
}

/**
 * A presence command. With --strict, because an advisory verb that does not reach its board still exits 0,
 * and quickly.
 */
export function presence(env: Environment, ...args: string[]): Timed {
  return () => run(PRESENCE, ['--strict', ...args], env)
}

/**
 * Runs a program without a shell, and returns the milliseconds from its start to its end.
 *
 * @throws if it fails or prints to standard error, because the time of failed work means nothing
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
    // A hook that needs no input doesn't read it, and may have ended before it is written.
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
