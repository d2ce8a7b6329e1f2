import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** A home for tests, set by vitest.config.ts. */
const HOME = process.env['HOME'] ?? '/nonexistent'

export const PRESENCE = join(import.meta.dirname, '../../node_modules/.bin/presence')

/** The most that a verb may take, however the board behaves (G7). One that takes longer is killed, and its status is null. */
export const ANSWER_MS_MAX = 3_000

export interface CliResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly uid?: number
  /** Milliseconds after which the command is killed. */
  readonly within?: number
}

/** Runs the built command as a shell would. Of this process's environment it gets what finds programs and folders only. */
export function presence(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { PATH, TMPDIR } = process.env
  // Nothing of a test lands in a real home; what Node compiled is shared, for that is slow.
  const folders = { HOME, XDG_CACHE_HOME: join(HOME, 'cache') }
  return new Promise((resolve, reject) => {
    const child = spawn(PRESENCE, args, {
      env: { PATH, TMPDIR, ...folders, ...options.env },
      cwd: options.cwd ?? '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.within ?? ANSWER_MS_MAX,
      killSignal: 'SIGKILL',
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', status => resolve({ status, stdout, stderr }))
  })
}

/** The command on one board as one session. */
export function presenceOn(dsn: string, session: string) {
  return (...args: string[]) => presence(args, { env: { PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: session } })
}
