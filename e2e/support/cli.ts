import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { killLate } from './patience.ts'

/** A home folder for tests, set by vitest.config.ts. */
const HOME = process.env['HOME'] ?? '/nonexistent'

export const PRESENCE = join(import.meta.dirname, '../../node_modules/.bin/presence')

/**
 * The longest time that a verb may take on an idle machine, however the board behaves (G7). A command that
 * takes longer is killed, and its status is null.
 */
export const ANSWER_MS_MAX = 3_000

export interface CliResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Runs as this user, in the group with the same number. */
  readonly uid?: number
  /** Additional groups (needs `uid` and setpriv). */
  readonly groups?: readonly number[]
  /** The umask, such as 0o077. */
  readonly umask?: number
  /** Milliseconds after which the command is killed. Extended on a busy machine. */
  readonly within?: number | undefined
}

/**
 * Runs the built command as a shell would. It gets only those of this process's environment variables that
 * locate programs and folders.
 */
export function presence(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { PATH, TMPDIR } = process.env
  // Tests write nothing to a real home. Node's compile cache is shared, because compiling is slow.
  const folders = { HOME, XDG_CACHE_HOME: join(HOME, 'cache') }
  const [command = PRESENCE, ...before] = launcherFor(options)
  const env = { PATH, TMPDIR, ...folders, ...options.env }
  return run(command, [...before, ...args], { env, cwd: options.cwd ?? '/', within: options.within })
}

/** Runs a program until it ends, or until the default deadline of a verb. */
export function run(
  program: string,
  args: readonly string[],
  { env, cwd, within = ANSWER_MS_MAX }: Pick<CliOptions, 'env' | 'cwd' | 'within'>,
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    void killLate(child, within)
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

/** The command, after the programs that set its user, groups and umask. */
function launcherFor({ uid, groups = [], umask }: CliOptions): readonly string[] {
  const masked = umask === undefined ? [] : ['sh', '-c', `umask ${umask.toString(8)} && exec "$0" "$@"`]
  if (uid === undefined) return [...masked, PRESENCE]
  const group = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, group, ...masked, PRESENCE]
}

/** The command on one board as one session. */
export function presenceOn(dsn: string, session: string) {
  return (...args: string[]) => presence(args, { env: { PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: session } })
}
