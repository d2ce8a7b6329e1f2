import { DESCRIPTION_LENGTH_MAX, PRIORITY_MAX, TITLE_LENGTH_MAX } from './limits.ts'
import { nearest } from './nearest.ts'
import { parseOptionalProse, parseProse } from './prose.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/** The statuses of a workflow. `completed` and `cancelled` end it: only a reopen leads out of them. */
export const WORKFLOW_STATUSES = ['planning', 'active', 'blocked', 'completed', 'cancelled'] as const
/** The status of a workflow: one of {@link WORKFLOW_STATUSES}. */
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number]

/** The statuses of a work item. `completed` and `cancelled` end it: only a reopen leads out of them. */
export const ITEM_STATUSES = ['pending', 'in_progress', 'blocked', 'completed', 'cancelled'] as const
/** The status of a work item: one of {@link ITEM_STATUSES}. */
export type ItemStatus = (typeof ITEM_STATUSES)[number]

/** Work of several steps that outlasts a session. */
export interface Workflow {
  /** The id that its creator gave it, or a UUID. */
  readonly id: string
  /** The project's key. */
  readonly project: string
  /** One line, at most 255 characters. */
  readonly name: string
  /** At most 4,000 characters. */
  readonly description: string | undefined
  /** Where it stands. */
  readonly status: WorkflowStatus
  /** The id of the session that added it. */
  readonly createdBy: string
  /** The database's time at which it was added. */
  readonly createdAt: Date
  /** The database's time of the last change. */
  readonly updatedAt: Date
  /** The id of the session that set the current status. */
  readonly movedBy: string
}

/** A step of a workflow, or a step on its own. */
export interface WorkItem {
  /** The id that its creator gave it, or a UUID. */
  readonly id: string
  /** The id of the workflow that it is a step of. */
  readonly workflowId: string | undefined
  /** The project's key. */
  readonly project: string
  /** One line, at most 255 characters. */
  readonly title: string
  /** At most 4,000 characters. */
  readonly description: string | undefined
  /** Where it stands. */
  readonly status: ItemStatus
  /** 0 to 100. Higher comes first. */
  readonly priority: number
  /** The id of the session that should do it. */
  readonly assignedTo: string | undefined
  /** The id of the session that added it. */
  readonly createdBy: string
  /** The database's time at which it was added. */
  readonly createdAt: Date
  /** The database's time of the last change. */
  readonly updatedAt: Date
  /** The id of the session that set the current status. */
  readonly movedBy: string
}

/** A workflow that has not ended, and its number of items in each status. */
export interface WorkflowProgress {
  /** The workflow. */
  readonly workflow: Workflow
  /** The number of its items in each status. */
  readonly items: Readonly<Record<ItemStatus, number>>
}

/** The allowed transitions between statuses. Only a reopen leads out of an end status. */
export interface Course<Status extends string> {
  readonly statuses: readonly Status[]
  readonly next: Readonly<Record<Status, readonly Status[]>>
  /** The statuses that a reopen may lead to. */
  readonly reopened: readonly Status[]
  readonly isEnd: Readonly<Record<Status, boolean>>
}

/** Blocked or planned work can't be completed: it must become active first. */
export const WORKFLOW_COURSE: Course<WorkflowStatus> = {
  statuses: WORKFLOW_STATUSES,
  next: {
    planning: ['active', 'blocked', 'cancelled'],
    active: ['planning', 'blocked', 'completed', 'cancelled'],
    blocked: ['planning', 'active', 'cancelled'],
    completed: [],
    cancelled: [],
  },
  reopened: ['planning', 'active'],
  isEnd: { planning: false, active: false, blocked: false, completed: true, cancelled: true },
}

/**
 * An item can be completed without being in progress, because small items are often done before anyone
 * reports that they have started.
 */
export const ITEM_COURSE: Course<ItemStatus> = {
  statuses: ITEM_STATUSES,
  next: {
    pending: ['in_progress', 'blocked', 'completed', 'cancelled'],
    in_progress: ['pending', 'blocked', 'completed', 'cancelled'],
    blocked: ['pending', 'in_progress', 'cancelled'],
    completed: [],
    cancelled: [],
  },
  reopened: ['pending', 'in_progress'],
  isEnd: { pending: false, in_progress: false, blocked: false, completed: true, cancelled: true },
}

/**
 * The statuses that are allowed next.
 * @param reopen whether the caller asked to reopen ended work
 */
export function allowedFrom<Status extends string>(
  course: Course<Status>,
  from: Status,
  reopen: boolean,
): readonly Status[] {
  return reopen && course.isEnd[from] ? course.reopened : course.next[from]
}

const code = 'invalid_work'

/** Parses a status of a workflow or of an item. */
export function parseStatus<Status extends string>(
  input: string,
  { statuses }: Pick<Course<Status>, 'statuses'>,
): Checked<Status> {
  const status = statuses.find(each => each === input)
  if (status) return accept(status)
  const guess = nearest(input.replaceAll('-', '_'), statuses)
  return refuse({
    code,
    message: `no status "${oneLine(cutTo(input, 40))}"; the statuses are ${statuses.join(', ')}`,
    remedy: guess ? `did you mean ${guess}?` : 'name one of these',
    ...(guess ? { nearest: guess } : {}),
  })
}

/** Parses a workflow's name or an item's title. */
export function parseTitle(input: string, name: string): Checked<string> {
  const remedy = 'say in a line what is to be done'
  return parseProse(input, { name, max: TITLE_LENGTH_MAX, code, remedy })
}

export function parseDescription(input: string | undefined): Checked<string | undefined> {
  const remedy = 'shorten it, and link to the rest'
  return parseOptionalProse(input, { name: 'the description', max: DESCRIPTION_LENGTH_MAX, code, remedy })
}

export function parsePriority(input: number): Checked<number> {
  if (Number.isInteger(input) && input >= 0 && input <= PRIORITY_MAX) return accept(input)
  return refuse({
    code,
    message: `${input} is not a priority`,
    remedy: `give a whole number from 0 to ${PRIORITY_MAX}; the higher, the sooner`,
  })
}
