import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { killLate } from '../../../e2e/support/patience.ts'

export const HOOK = [join(import.meta.dirname, '../bin/presence-hook')]
/** The same hooks in the single-file command. */
export const ONE_FILE = [join(import.meta.dirname, '../../../dist/presence'), 'hook']

export interface HookResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface HookCall {
  readonly args: readonly string[]
  /** The agent's input to the hook; null leaves standard input open without writing. */
  readonly input?: string | Buffer | null
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * The shell that runs the launcher.
   * @default the system's `sh`
   */
  readonly shell?: readonly string[]
  /** The launcher and what precedes the event. */
  readonly launcher?: readonly string[]
  /**
   * Milliseconds after which it is killed; longer if a test starts more hooks at the same time than an agent
   * does.
   */
  readonly killedAfterMs?: number
  /** The user that it runs as, by number; this process's own by default. */
  readonly uid?: number
}

/**
 * The most that a hook may take with its start, in milliseconds, on an otherwise idle machine. A slower one
 * is killed.
 */
const KILLED_AFTER_MS = 2_900

/**
 * Runs the built hook as an agent would: as a process with a payload on standard input, and nothing from this
 * process's environment.
 */
export function hook({
  args,
  input = '{}',
  env = {},
  shell = [],
  launcher = HOOK,
  killedAfterMs = KILLED_AFTER_MS,
  uid,
}: HookCall): Promise<HookResult> {
  const [program = 'sh', ...before] = [...shell, ...launcher]
  return new Promise((resolve, reject) => {
    const { PATH } = process.env
    const child = spawn(program, [...before, ...args], {
      env: { PATH, ...env },
      cwd: '/',
      ...(uid === undefined ? {} : { uid }),
    })
    void killLate(child, killedAfterMs)
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', status => resolve({ status, stdout, stderr }))
    // A throttled hook reads nothing, and its end closes the pipe.
    child.stdin.on('error', () => {})
    if (input !== null) child.stdin.end(input)
  })
}
