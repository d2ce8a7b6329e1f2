import { oneLine } from '@presence/core/internal'
import { type Environment, rootOf, type Tracker } from './find.ts'
import { errorIn, type Task, tasksIn } from './task.ts'

/** More than this isn't read, in bytes: some ten thousand tasks with their descriptions. */
const BYTES_MAX = 16 * 1024 * 1024
/** How much of what bd says on standard error is kept, in characters. */
const ERROR_MAX = 4_096
/**
 * How long to wait, after bd ended, for the rest of its output, in milliseconds: a database server that it started may
 * keep its output open.
 */
const DRAIN_MS = 500

/**
 * Asks the tracker for all its open tasks and those in progress, with one call: an embedded database lets only one
 * process in, and two calls at once take three times as long as one.
 *
 * @param ms how long the answer may take, in milliseconds
 * @throws Error with what went wrong, in one line without secrets
 */
export async function askTracker(tracker: Tracker, env: Environment, ms: number): Promise<readonly Task[]> {
  const { status, signal, out, err } = await run(tracker, env, ms)
  if (status === 0) return tasksOf(out)
  const how = signal ? `bd was ended by ${signal}` : `bd failed with exit status ${status}`
  const why = whyOf(out) ?? whyOf(err) ?? lastLine(err)
  throw new Error(why === undefined ? how : `bd failed: ${masked(oneLine(why))}`)
}

/**
 * The folder is passed explicitly, so that a subfolder's own tracker never answers instead. Without a limit of its own
 * bd prints only 50 tasks, and 20 in an agent's environment.
 */
function argumentsFor({ folder }: Tracker): readonly string[] {
  return ['--db', folder, 'list', '--status', 'open,in_progress', '--json', '--limit', '0']
}

interface Ended {
  readonly status: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

function run(tracker: Tracker, env: Environment, ms: number): Promise<Ended> {
  const { spawn } = process.getBuiltinModule('node:child_process')
  return new Promise((resolve, reject) => {
    const child = spawn(tracker.program, argumentsFor(tracker), {
      cwd: rootOf(tracker),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: bd may be a script that starts another program, and all of it must end.
      detached: true,
    })
    const out: Buffer[] = []
    let [size, err] = [0, '']
    const signals = ['SIGINT', 'SIGTERM'] as const
    const timers = [setTimeout(() => giveUp(`bd gave no answer within ${ms / 1_000} s`), ms)]
    const stop = () => {
      for (const timer of timers) clearTimeout(timer)
      for (const signal of signals) process.off(signal, onSignal)
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const giveUp = (why: string) => {
      killGroup(child.pid)
      stop()
      reject(new Error(why))
    }
    const onSignal = (signal: NodeJS.Signals) => {
      giveUp(`presence was ended by ${signal}`)
      process.kill(process.pid, signal)
    }
    const end = () => {
      stop()
      const [status, signal] = [child.exitCode, child.signalCode]
      resolve({ status, signal, out: Buffer.concat(out).toString('utf8'), err })
    }
    for (const signal of signals) process.on(signal, onSignal)
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > BYTES_MAX) giveUp(`bd printed more than ${BYTES_MAX / 1024 / 1024} MB`)
      else out.push(chunk)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(-ERROR_MAX)
    })
    child.on('error', error => giveUp(`bd can't be started: ${masked(oneLine(error.message))}`))
    child.on('exit', () => timers.push(setTimeout(end, DRAIN_MS)))
    child.on('close', end)
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Ignore: it has ended.
  }
}

/** With --json, bd prints its errors as JSON: some commands on standard output, some on standard error. */
function whyOf(text: string): string | undefined {
  try {
    return errorIn(JSON.parse(text))
  } catch {
    return undefined
  }
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .at(-1)
}

function tasksOf(out: string): readonly Task[] {
  try {
    return tasksIn(out)
  } catch (error) {
    // It may contain an error of bd.
    throw new Error(masked(oneLine((error as Error).message)))
  }
}

/** The value of a NAME=value that is a secret by its name: one word, or quoted. Unbounded repeats would be slow. */
const NAMED_SECRET =
  /((?:PASSWORD|PASSWD|TOKEN|SECRET|KEY)[\w.-]{0,64}["']?\s{0,8}=+\s{0,8})(?:"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)|\S)+/gi

/** What URL parsers quote of a password that they took for something else. */
const QUOTED_PART = /(invalid (?:port|URL escape) )"[^"]*"/g

/**
 * The tracker's errors may contain the DSN that it was given. A password may contain every character of a DSN's own,
 * so all of a word before its last `@` counts as one.
 */
function masked(text: string): string {
  return text
    .replaceAll(NAMED_SECRET, '$1…')
    .replaceAll(QUOTED_PART, '$1"…"')
    .split(/(\s)/)
    .map(word => {
      const at = word.lastIndexOf('@')
      if (at < 0) return word
      const scheme = /^\W{0,8}[a-z][a-z0-9+.-]{0,31}:\/\//i.exec(word.slice(0, at))?.[0] ?? ''
      return `${scheme}…${word.slice(at)}`
    })
    .join('')
}
