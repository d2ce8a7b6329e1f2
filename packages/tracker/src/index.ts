import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { checkoutTop, isObject } from '@presence/core/internal'

type Environment = Readonly<Record<string, string | undefined>>

/** The tracker of the project: its program, and its folder at the project's root. */
export interface Tracker {
  readonly program: string
  readonly folder: string
}

const ANSWER_MS = 1_000

/** Undefined if there is no `bd` on PATH, or no tracker at the project's root. */
export function findTracker(env: Environment, cwd: string): Tracker | undefined {
  // CLAUDE_PROJECT_DIR is only a fallback: an agent that was started in a subfolder of the checkout sets it
  // to that subfolder.
  const folder = join(checkoutTop(cwd) ?? (env['CLAUDE_PROJECT_DIR'] || cwd), '.beads')
  if (!existsSync(folder)) return undefined
  const program = (env['PATH'] ?? '')
    .split(delimiter)
    .map(at => join(at, 'bd'))
    .find(isProgram)
  return program === undefined ? undefined : { program, folder }
}

/**
 * Asks the tracker for its tasks in the given status. Returns one line per task, as the tracker prints it.
 * The folder is passed explicitly, so that a subfolder's own tracker never answers instead.
 *
 * @throws Error with what went wrong, in one line
 */
export async function listTasks(
  { program, folder }: Tracker,
  cwd: string,
  status: 'in_progress' | 'open',
): Promise<readonly string[]> {
  const printed = await run(program, ['--db', folder, 'list', '--status', status], cwd)
  return printed.split('\n').filter(line => line.trim() !== '')
}

/** A task in progress, as far as the tracker describes it. */
export interface Task {
  readonly id: string
  readonly title: string
  /** The session to which it is assigned: by default the one that its agent exported as BD_ACTOR. */
  readonly assignee: string | undefined
  readonly updatedAt: Date | undefined
}

/**
 * The tasks in progress, the least recently updated first.
 * @throws Error if the tracker fails, or if its answer is not a list
 */
export async function tasksInProgress({ program, folder }: Tracker, cwd: string): Promise<readonly Task[]> {
  const printed = await run(program, ['--db', folder, 'list', '--status', 'in_progress', '--json'], cwd)
  const read: unknown = JSON.parse(printed.trim() === '' ? '[]' : printed)
  if (!Array.isArray(read)) throw new Error('bd printed no list')
  return read.map(taskOf).sort((a, b) => (a.updatedAt?.getTime() ?? 0) - (b.updatedAt?.getTime() ?? 0))
}

function taskOf(value: unknown): Task {
  const fields = isObject(value) ? value : {}
  const text = (name: string) => (typeof fields[name] === 'string' ? String(fields[name]) : undefined)
  const updated = Date.parse(text('updated_at') ?? text('created_at') ?? '')
  return {
    id: text('id') ?? '?',
    title: text('title') ?? '',
    assignee: text('assignee') || undefined,
    updatedAt: Number.isNaN(updated) ? undefined : new Date(updated),
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

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { execFile } = process.getBuiltinModule('node:child_process')
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: ANSWER_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 20 } as const
    execFile(program, args, options, (error, stdout) => {
      if (!error) resolve(stdout)
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
      .at(-1) ?? 'it printed no message'
  )
}
