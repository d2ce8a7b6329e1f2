import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'

/** As shells have it: no such command, one that can't be run, and one that a signal ended. */
const NOT_FOUND = 127
const NOT_RUN = 126
const BY_SIGNAL = 128

/** A command that was started, and how it ends. */
export interface Command {
  /** Undefined where it could not be started. */
  readonly process: ChildProcess | undefined
  readonly ended: Promise<Ended>
}

interface Ended {
  readonly status: number
  /** Why it could not be started. */
  readonly failure?: string
}

/**
 * Starts a command in this process's place: its standard streams are this one's own descriptors, and its process group too,
 * so that whoever kills the group ends both. It has ended when its process has, whatever it left behind.
 *
 * @param cwd where it starts; here unless told
 */
export function start(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
): Command {
  const { spawn } = process.getBuiltinModule('node:child_process')
  try {
    const child = spawn(command, args, { stdio: 'inherit', env, cwd })
    const ended = new Promise<Ended>(resolve => {
      child.on('error', error => child.pid === undefined && resolve(notStarted(command, error)))
      child.once('exit', (code, signal) => resolve({ status: code ?? statusOf(signal) }))
    })
    return { process: child.pid === undefined ? undefined : child, ended }
  } catch (error) {
    return { process: undefined, ended: Promise.resolve(notStarted(command, error as Error)) }
  }
}

/** The exit status that says that a signal was the end. */
export function statusOf(signal: NodeJS.Signals | null): number {
  const { signals } = process.getBuiltinModule('node:os').constants
  return BY_SIGNAL + (signal === null ? 0 : signals[signal])
}

function notStarted(command: string, error: NodeJS.ErrnoException): Ended {
  if (error.code !== 'ENOENT')
    return { status: NOT_RUN, failure: `${command} can't be run (${error.code ?? error.message})` }
  // The file is there: what its first line names isn't.
  if (command.includes('/') && existsSync(command))
    return { status: NOT_RUN, failure: `${command} can't be run: its interpreter is not there` }
  return { status: NOT_FOUND, failure: `${command}: command not found` }
}
