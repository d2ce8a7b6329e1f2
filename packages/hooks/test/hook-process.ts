import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { killLate } from '../../../e2e/support/patience.ts'

export const HOOK = [join(import.meta.dirname, '../bin/presence-hook')]
/** The same hooks in the command of one file. */
export const ONE_FILE = [join(import.meta.dirname, '../../../dist/presence'), 'hook']

export interface HookResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface HookCall {
  readonly args: readonly string[]
  /** What the agent writes; null leaves standard input open and silent. */
  readonly input?: string | Buffer | null
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The shell that runs the launcher; the system's `sh` unless told. */
  readonly shell?: readonly string[]
  /** The launcher and what stands before the event. */
  readonly launcher?: readonly string[]
  /** Milliseconds after which it is killed, where a test starts more at once than an agent does. */
  readonly killedAfterMs?: number
}

/** Most that a hook may take with its start, in milliseconds, on a machine with nothing else to do. One that takes longer is killed. */
const KILLED_AFTER_MS = 2_900

/** Runs the built hook as an agent would: a process, a payload on standard input, and nothing of this process's own. */
export function hook({
  args,
  input = '{}',
  env = {},
  shell = [],
  launcher = HOOK,
  killedAfterMs = KILLED_AFTER_MS,
}: HookCall): Promise<HookResult> {
  const [program = 'sh', ...before] = [...shell, ...launcher]
  return new Promise((resolve, reject) => {
    const { PATH } = process.env
    const child = spawn(program, [...before, ...args], { env: { PATH, ...env }, cwd: '/' })
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
