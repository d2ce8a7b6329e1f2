import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { ignoredSignals } from '@presence/process'

/**
 * The statuses that shells use: no such command, a command that can't be run, and one that a signal ended.
 */
const NOT_FOUND = 127
const NOT_RUN = 126
const BY_SIGNAL = 128

/** A command that was started. */
export interface Command {
  /** Undefined if it could not be started. */
  readonly process: ChildProcess | undefined
  readonly ended: Promise<Ended>
}

interface Ended {
  readonly status: number
  /** Why it could not be started. */
  readonly failure?: string
}

/**
 * Starts a command that takes the place of this process for its caller: it gets the same standard streams and
 * the same process group, so a signal to the group ends both. The command has ended when its process has,
 * even if it left other processes behind. Signals that were ignored when presence started are ignored in it too.
 *
 * @param cwd the folder to start it in
 * @default the current folder
 */
export function start(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
): Command {
  const { spawn } = process.getBuiltinModule('node:child_process')
  try {
    const [program, ...words] = ignoring(ignoredSignals(), [command, ...args])
    const child = spawn(program, words, { stdio: 'inherit', env, cwd })
    const ended = new Promise<Ended>(resolve => {
      child.on('error', error => child.pid === undefined && resolve(notStarted(command, error)))
      child.once('exit', (code, signal) => resolve({ status: code ?? statusOf(signal) }))
    })
    return { process: child.pid === undefined ? undefined : child, ended }
  } catch (error) {
    return { process: undefined, ended: Promise.resolve(notStarted(command, error as Error)) }
  }
}

/** Node starts every program with all signals at their defaults. A shell can ignore some first. */
function ignoring(signals: readonly string[], words: Words): Words {
  if (signals.length === 0) return words
  return ['/bin/sh', '-c', `trap '' ${signals.join(' ')}; exec "$@"`, 'presence', ...words]
}

type Words = readonly [program: string, ...args: string[]]

/** The exit status for a command that a signal ended. */
export function statusOf(signal: NodeJS.Signals | null): number {
  const { signals } = process.getBuiltinModule('node:os').constants
  return BY_SIGNAL + (signal === null ? 0 : signals[signal])
}

function notStarted(command: string, error: NodeJS.ErrnoException): Ended {
  if (error.code !== 'ENOENT')
    return { status: NOT_RUN, failure: `${command} can't be run (${error.code ?? error.message})` }
  // The file is there, but the interpreter that its first line names is not.
  if (command.includes('/') && existsSync(command))
    return { status: NOT_RUN, failure: `${command} can't be run: its interpreter is not there` }
  return { status: NOT_FOUND, failure: `${command}: command not found` }
}
