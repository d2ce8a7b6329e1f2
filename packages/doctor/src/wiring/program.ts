import type { Environment } from '@presence/core'

/** The status of a shell whose program isn't found; here also that of a program that can't be started. */
export const NOT_STARTED = 127

/** How a program ended, and what it printed. */
export interface ProgramResult {
  /** Its exit status; null if it was killed because its time was over. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env: Environment
  readonly cwd: string
  /** The time limit in milliseconds. */
  readonly ms: number
  /** Keeps standard input open until this is true of the output. By default it is closed at once. */
  readonly until?: (stdout: string) => boolean
}

/** Runs a program with this input. */
export function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  input: string,
  { env, cwd, ms, until }: RunOptions,
): Promise<ProgramResult> {
  // Loaded only here, because most checks start no program.
  const { spawn } = process.getBuiltinModule('node:child_process')
  let [stdout, stderr] = ['', '']
  return new Promise(resolve => {
    const child = spawn(program, args, { env, cwd, timeout: ms, killSignal: 'SIGKILL' })
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
      if (until?.(stdout)) child.stdin.end()
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    child.on('error', error => resolve({ status: NOT_STARTED, stdout, stderr: error.message }))
    child.on('close', status => resolve({ status, stdout, stderr }))
    child.stdin.on('error', () => {})
    child.stdin.write(input)
    if (!until) child.stdin.end()
  })
}
