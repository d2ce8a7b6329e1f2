import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { flawOf, isObject, makeFolder, ownText, replaceFile, safeState } from '@presence/core/internal'
import { type Environment, hashOf, identityOf, type Tracker } from './find.ts'
import { dateOf, type Task } from './task.ts'

/**
 * A kept answer is asked anew after this long, in milliseconds. A call takes half a second, in which nobody else gets
 * into an embedded database: at most one sixtieth of the time.
 */
export const ASK_EVERY_MS = 30_000
/** A kept answer is told with its age for this long, in milliseconds. Tasks live for days. */
export const TOLD_FOR_MS = 3_600_000
/**
 * How long the tracker may take in the background, in milliseconds. More than the 10 s after which bd itself reports
 * that its server gives no answer.
 */
export const BACKGROUND_MS = 15_000
/** A lock that is older was left by a process that was killed, in milliseconds. */
const LOCK_MS = 2 * BACKGROUND_MS
/** The files of projects that nobody works in any more are removed after this long, in milliseconds. */
const FORGOTTEN_AFTER_MS = 7 * 86_400_000
/** At most this many tasks are kept; the others are counted. */
const IN_PROGRESS_MAX = 100
const OPEN_MAX = 20
/** At most this much of a title, an id or a name is kept, in UTF-16 units. */
const TEXT_MAX = 200
const VERSION = 1

/** What the tracker answered, and when it was asked. */
export interface KeptAnswer {
  readonly asked: Date
  /** The tasks in progress, the latest updated first, then the open ones, the most urgent first. */
  readonly tasks: readonly Task[]
  /** The numbers of all tasks, also those that are not kept. */
  readonly inProgress: number
  readonly open: number
}

export interface Failure {
  /** Since when the tracker has given no answer. */
  readonly since: Date
  /** When it was asked last. */
  readonly at: Date
  readonly reason: string
}

export interface Kept {
  readonly answer: KeptAnswer | undefined
  readonly failure: Failure | undefined
}

const NOTHING: Kept = { answer: undefined, failure: undefined }

/**
 * The last answer of a project's tracker, in a file of the user's state folder, so that a prompt doesn't wait for the
 * tracker. One file for each project; it says whose it is, so that no other project's tasks are ever shown.
 */
export class KeptFile {
  readonly #file: string
  readonly #identity: string

  /** @throws if the tracker's folder is gone */
  constructor(tracker: Tracker, env: Environment) {
    this.#identity = identityOf(tracker, env)
    const folder = join(safeState(env), 'tracker')
    this.#file = join(flawOf(folder) ? NOWHERE : folder, this.name)
  }

  /** Which tracker it is. Another one after the project was replaced, or pointed to another database. */
  get name(): string {
    return hashOf(this.#identity)
  }

  /** What isn't understood, is another tracker's, or is from the future counts as nothing. */
  read(now = new Date()): Kept {
    try {
      const read: unknown = JSON.parse(ownText(`${this.#file}.json`) ?? 'null')
      if (!isObject(read) || read['version'] !== VERSION || read['of'] !== this.#identity) return NOTHING
      const [answer, failure] = [answerFrom(read['answer']), failureFrom(read['failure'])]
      return {
        answer: answer && answer.asked <= now ? answer : undefined,
        failure: failure && failure.at <= now ? failure : undefined,
      }
    } catch {
      return NOTHING
    }
  }

  /** @throws if the file can't be written */
  keep(tasks: readonly Task[], asked: Date): void {
    const before = this.read().answer
    // A call that took longer than the next one.
    if (before && before.asked > asked) return
    this.#write({ answer: answerOf(tasks, asked), failure: undefined })
  }

  /** @throws if the file can't be written */
  fail(reason: string, at: Date): void {
    const { answer, failure } = this.read()
    if (answer && answer.asked > at) return
    this.#write({ answer, failure: { since: failure?.since ?? at, at, reason: reason.slice(0, TEXT_MAX) } })
  }

  #write(kept: Kept): void {
    makeFolder(dirname(this.#file))
    const text = JSON.stringify({ version: VERSION, of: this.#identity, ...kept })
    replaceFile(`${this.#file}.json`, text, { mode: 0o600 })
  }

  /** True if the kept answer is too old, and the tracker wasn't asked in vain a moment ago. */
  isDue(now = new Date(), { answer, failure } = this.read(now)): boolean {
    const last = Math.max(answer?.asked.getTime() ?? 0, failure?.at.getTime() ?? 0)
    return now.getTime() - last >= ASK_EVERY_MS
  }

  /**
   * Takes the lock, so that one process at a time asks the tracker. Returns the token to give it back with; undefined if
   * another process has it, or if nothing can be written.
   */
  take(): string | undefined {
    const token = `${process.pid}.${Math.random().toString(36).slice(2)}`
    try {
      makeFolder(dirname(this.#file))
      this.#clearAbandoned(token)
      writeFileSync(this.#lock, token, { flag: 'wx', mode: 0o600 })
      return token
    } catch {
      return undefined
    }
  }

  /** Removes a lock whose process was killed, in one step: of several processes that see it, one does that. */
  #clearAbandoned(token: string): void {
    if (!isOlder(this.#lock, LOCK_MS)) return
    const aside = `${this.#lock}.${token}`
    renameSync(this.#lock, aside)
    // Another process was faster, and this is its new lock.
    if (isOlder(aside, LOCK_MS)) rmSync(aside)
    else renameSync(aside, this.#lock)
  }

  /** Gives the lock back, unless it is another process's by now. */
  release(token: string): void {
    if (ownText(this.#lock) === token) rmSync(this.#lock, { force: true })
  }

  /** Removes the files of projects in which nobody has worked for a week, and what killed processes left. */
  tidy(): void {
    const folder = dirname(this.#file)
    for (const name of readdirSync(folder))
      if (isOlder(join(folder, name), FORGOTTEN_AFTER_MS)) rmSync(join(folder, name), { force: true })
  }

  get #lock(): string {
    return `${this.#file}.lock`
  }
}

/** A path where nothing can be read or written. */
const NOWHERE = '/dev/null/presence'

/** Also true for a file from the future: the clock was set back. */
function isOlder(file: string, ms: number): boolean {
  const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs
  return time !== undefined && Math.abs(Date.now() - time) > ms
}

function answerOf(tasks: readonly Task[], asked: Date): KeptAnswer {
  const inProgress = tasks
    .filter(({ status }) => status === 'in_progress')
    .toSorted((a, b) => (b.updatedAt?.getTime() ?? 0) - (a.updatedAt?.getTime() ?? 0))
  const open = tasks
    .filter(({ status }) => status === 'open')
    .toSorted((a, b) => (a.priority ?? 9) - (b.priority ?? 9))
  const kept = [...inProgress.slice(0, IN_PROGRESS_MAX), ...open.slice(0, OPEN_MAX)]
  return {
    asked,
    tasks: kept.map(task => ({
      ...task,
      id: task.id.slice(0, TEXT_MAX),
      title: task.title.slice(0, TEXT_MAX),
      assignee: task.assignee?.slice(0, TEXT_MAX),
    })),
    inProgress: inProgress.length,
    open: open.length,
  }
}

function answerFrom(value: unknown): KeptAnswer | undefined {
  if (!isObject(value)) return undefined
  const { tasks, inProgress, open } = value
  const asked = timeFrom(value['asked'])
  if (!asked || !Array.isArray(tasks) || typeof inProgress !== 'number' || typeof open !== 'number')
    return undefined
  const read = tasks.map(taskFrom)
  return read.every(task => task !== undefined) ? { asked, tasks: read, inProgress, open } : undefined
}

function taskFrom(value: unknown): Task | undefined {
  if (!isObject(value)) return undefined
  const { id, title, status, priority, assignee } = value
  if (typeof id !== 'string' || typeof title !== 'string') return undefined
  if (status !== 'open' && status !== 'in_progress') return undefined
  return {
    id,
    title,
    status,
    priority: typeof priority === 'number' ? priority : undefined,
    assignee: typeof assignee === 'string' ? assignee : undefined,
    updatedAt: timeFrom(value['updatedAt']),
    leaseUntil: timeFrom(value['leaseUntil']),
  }
}

function failureFrom(value: unknown): Failure | undefined {
  if (!isObject(value)) return undefined
  const [since, at, reason] = [timeFrom(value['since']), timeFrom(value['at']), value['reason']]
  return since && at && typeof reason === 'string' ? { since, at, reason } : undefined
}

function timeFrom(value: unknown): Date | undefined {
  return typeof value === 'string' ? dateOf(value) : undefined
}
