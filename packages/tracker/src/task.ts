import { isObject } from '@presence/core/internal'

/** A task, as far as presence uses it. */
export interface Task {
  readonly id: string
  readonly title: string
  readonly status: 'open' | 'in_progress'
  /** 0 is the most urgent. */
  readonly priority: number | undefined
  /** The session to which it is assigned: by default the one that its agent exported as BD_ACTOR. */
  readonly assignee: string | undefined
  readonly updatedAt: Date | undefined
  /** Until when the assignee holds bd's own lease on the task (bd 1.2 and newer). */
  readonly leaseUntil: Date | undefined
}

/** A longer id, title or name is cut, in UTF-16 units. bd itself allows 500 characters in a title. */
const TEXT_MAX = 500

/**
 * The open tasks and those in progress, from what `bd list --json` printed. Tasks with another status are left out.
 *
 * bd 1.0 to 1.3 print a list. With BD_JSON_ENVELOPE=1, and by default from 2.0 on, the list is in `data`; some builds
 * before 1.0.3 put it in `items`, and `--skip-labels` puts it in `issues`. An empty list may be `null`.
 *
 * @throws Error in one line if it is anything else: then nothing is known about the tasks
 */
export function tasksIn(printed: string): readonly Task[] {
  if (printed.trim() === '') throw new Error('bd printed nothing')
  const list = listIn(parsed(printed))
  return list.flatMap(each => taskOf(each) ?? [])
}

function parsed(printed: string): unknown {
  try {
    return JSON.parse(printed)
  } catch {
    throw new Error('bd printed something that is not JSON')
  }
}

function listIn(answer: unknown): readonly unknown[] {
  if (answer === null) return []
  if (Array.isArray(answer)) return answer
  const error = errorIn(answer)
  if (error !== undefined) throw new Error(`bd failed: ${error}`)
  if (isObject(answer)) {
    const key = ['data', 'items', 'issues'].find(each => each in answer)
    const inside = key === undefined ? undefined : answer[key]
    if (inside === null) return []
    if (Array.isArray(inside)) return inside
  }
  throw new Error('bd printed no list of tasks')
}

/** The message of bd's error object, also in an envelope. Undefined if it is none. */
export function errorIn(answer: unknown): string | undefined {
  if (!isObject(answer)) return undefined
  if (typeof answer['error'] === 'string') return answer['error']
  return isObject(answer['data']) ? errorIn(answer['data']) : undefined
}

/** @throws Error if it doesn't have what every version prints: an unknown shape must not be half understood */
function taskOf(value: unknown): Task | undefined {
  if (!isObject(value)) throw new Error('bd printed no list of tasks')
  const text = (name: string) =>
    typeof value[name] === 'string' ? value[name].slice(0, TEXT_MAX) : undefined
  const required = (name: string) => {
    const found = text(name)
    if (!found) throw new Error(`bd printed a task without ${name}`)
    return found
  }
  const [id, title, status] = [required('id'), required('title'), required('status')]
  if (status !== 'open' && status !== 'in_progress') return undefined
  const { priority } = value
  return {
    id,
    title,
    status,
    priority: typeof priority === 'number' && Number.isInteger(priority) ? priority : undefined,
    assignee: text('assignee') || undefined,
    updatedAt: dateOf(text('updated_at') ?? text('created_at')),
    leaseUntil: status === 'in_progress' ? dateOf(text('lease_expires_at')) : undefined,
  }
}

export function dateOf(text: string | number | undefined): Date | undefined {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
