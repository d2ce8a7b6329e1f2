import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Heard, Tasks } from '../hook.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The tracker of the project: its program, and its folder at the project's root. */
export interface Tracker {
  readonly program: string
  readonly folder: string
}

const ANSWER_MS = 1_000
const OPEN_MAX = 30

/** Undefined where there is no `bd` on PATH, or no tracker at the project's root. */
export function findTracker(env: Environment, cwd: string): Tracker | undefined {
  const folder = join(env['CLAUDE_PROJECT_DIR'] || projectRoot(cwd), '.beads')
  if (!existsSync(folder)) return undefined
  const program = (env['PATH'] ?? '')
    .split(delimiter)
    .map(at => join(at, 'bd'))
    .find(isProgram)
  return program === undefined ? undefined : { program, folder }
}

/** Asks for both lists at once. The folder is named, so that a subdirectory's own tracker never answers instead. */
export async function askTasks({ program, folder }: Tracker, cwd: string): Promise<Heard<Tasks>> {
  try {
    const list = (status: string) => run(program, ['--db', folder, 'list', '--status', status], cwd)
    const [inProgress, open] = await Promise.all([list('in_progress'), list('open')])
    return { known: true, value: { inProgress, open: open.slice(0, OPEN_MAX) } }
  } catch (error) {
    return { known: false, since: new Date(), reason: (error as Error).message }
  }
}

/** The top of the checkout that a folder is in; the folder itself where it is in none. */
function projectRoot(cwd: string): string {
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return cwd
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<readonly string[]> {
  const { execFile } = process.getBuiltinModule('node:child_process')
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: ANSWER_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 20 } as const
    execFile(program, args, options, (error, stdout) => {
      if (!error) resolve(stdout.split('\n').filter(line => line.trim() !== ''))
      else
        reject(
          new Error(error.killed ? 'bd gave no answer within 1 s' : `bd failed: ${firstLine(error.message)}`),
        )
    })
  })
}

function firstLine(message: string): string {
  return (
    message
      .split('\n')
      .filter(line => line.trim() !== '')
      .at(-1) ?? 'without a word'
  )
}
