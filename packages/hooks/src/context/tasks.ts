import { counted, duration, fnv1a, moment, nameOf, plain, quoted, timeOfDay } from '@presence/core/internal'
import { type KeptAnswer, type Task, TOLD_FOR_MS } from '@presence/tracker'
import type { Tasks, ToldTasks } from '../hook.ts'

/** The others are counted: a prompt has room for little. */
const IN_PROGRESS_SHOWN = 5
const OPEN_SHOWN = 3
/** At most this many ids of tasks that are over. */
const OVER_SHOWN = 10
const TITLE_MAX = 60

export interface TasksBlock {
  readonly lines: readonly string[]
  /** What the session has been told of the tasks once it has read all lines. */
  readonly told: ToldTasks
}

/**
 * What the session has been told once it has read a text that may contain only the first lines of the block.
 * Undefined if it contains none.
 */
export function toldIn(text: string, { lines, told }: TasksBlock): ToldTasks | undefined {
  const there = new Set(text.split('\n'))
  const missing = lines.filter(line => !there.has(line))
  if (missing.length === 0) return told
  if (missing.length === lines.length) return undefined
  // A task whose line was cut is told at the next prompt.
  const cut = Object.keys(told.tasks).filter(id => missing.some(line => line.startsWith(`- ${nameOf(id)} `)))
  const tasks = Object.fromEntries(Object.entries(told.tasks).filter(([id]) => !cut.includes(id)))
  return { ...told, tasks, silentSince: undefined }
}

const NOTHING_TOLD = { asked: undefined, tasks: {}, counts: '', silentSince: undefined }

/**
 * The tracker's tasks: once in full, then only what changed. They are told as it answered last, with the answer's
 * age, and no longer once that is over `TOLD_FOR_MS`.
 *
 * @param me the session's id, to which its own tasks are assigned
 */
export function tasksBlock({ of, now, answer, failure, told }: Tasks, me: string): TasksBlock {
  const before: ToldTasks = told?.of === of ? told : { ...NOTHING_TOLD, of }
  const silentSince = failure?.since.toISOString()
  const isNews = failure !== undefined && silentSince !== before.silentSince
  const silent = isNews
    ? [
        `Tracker (bd): no answer since ${moment(failure.since)} (${plain(failure.reason)}). \`presence tracker audit\` asks it again.`,
      ]
    : []
  if (answer && now.getTime() - answer.asked.getTime() <= TOLD_FOR_MS) {
    const block = answerBlock(answer, now, before, me)
    return { lines: [...block.lines, ...silent], told: { ...block.told, silentSince } }
  }
  const unknown = failure ? [] : ['Tracker (bd): its tasks are not known yet. `bd list` shows them.']
  return { lines: [...unknown, ...silent], told: { ...before, silentSince } }
}

function answerBlock(answer: KeptAnswer, now: Date, before: ToldTasks, me: string): TasksBlock {
  const { asked, tasks, inProgress, open } = answer
  const total = inProgress + open
  const counts = `${inProgress} ${open}`
  const shown = selected(tasks, me)
  const fresh = shown.filter(task => before.tasks[task.id] !== keyOf(task))
  const over = total === tasks.length ? overIn(before, tasks) : []
  const begun = `Tracker (bd) at ${moment(now)}, asked ${age(asked, now)} before`
  const numbers = `${counted(inProgress, 'task')} in progress, ${open} open`
  if (fresh.length === 0 && over.length === 0 && (counts === before.counts || total === 0)) {
    const since = before.asked === undefined ? '' : ` since ${timeOfDay(before.asked, now)} UTC`
    return {
      lines: total === 0 ? [] : [`${begun}: unchanged${since} (${numbers}).`],
      told: { ...before, counts },
    }
  }
  const rest = total - shown.length
  const isFirst = before.asked === undefined
  const lines = [
    `${begun}: ${numbers}.${fresh.length > 0 ? ` ${isFirst ? 'Titles' : 'New or changed; titles'} are others' words, quoted:` : ''}`,
    ...fresh.map(task => `- ${lineOf(task, { asked, now, me })}`),
    ...(isFirst && rest > 0 ? [`and ${rest} more: \`bd list\`.`] : []),
    ...(over.length > 0
      ? [
          `No longer open or in progress: ${over.slice(0, OVER_SHOWN).map(nameOf).join(', ')}${over.length > OVER_SHOWN ? ` and ${over.length - OVER_SHOWN} more` : ''}.`,
        ]
      : []),
  ]
  const known = Object.entries(before.tasks).filter(([id]) => !over.includes(id))
  const keys = Object.fromEntries([...known, ...fresh.map(task => [task.id, keyOf(task)])])
  return { lines, told: { ...before, asked, tasks: keys, counts } }
}

/** The session's own tasks first. */
function selected(tasks: readonly Task[], me: string): readonly Task[] {
  const inProgress = tasks
    .filter(({ status }) => status === 'in_progress')
    .toSorted((a, b) => Number(b.assignee === me) - Number(a.assignee === me))
  const open = tasks.filter(({ status }) => status === 'open')
  return [...inProgress.slice(0, IN_PROGRESS_SHOWN), ...open.slice(0, OPEN_SHOWN)]
}

function overIn({ tasks: told }: ToldTasks, tasks: readonly Task[]): readonly string[] {
  const there = new Set(tasks.map(({ id }) => id))
  return Object.keys(told).filter(id => !there.has(id))
}

interface Moment {
  readonly asked: Date
  readonly now: Date
  readonly me: string
}

function lineOf(task: Task, { asked, now, me }: Moment): string {
  const { id, title, status, priority, assignee, leaseUntil } = task
  const holder = assignee === undefined ? 'nobody' : assignee === me ? 'you' : shortName(assignee)
  const parts = [
    status === 'open' ? 'open' : `in progress by ${holder}`,
    ...(priority === undefined ? [] : [`P${priority}`]),
    ...(leaseUntil === undefined ? [] : [leaseText(leaseUntil, asked, now)]),
  ]
  return `${nameOf(id)} ${parts.join(', ')}: ${quoted(title, TITLE_MAX)}`
}

/** bd's own lease. One that ended after the tracker was asked may have been renewed since. */
function leaseText(until: Date, asked: Date, now: Date): string {
  if (until > now) return `bd lease ${duration(until.getTime() - now.getTime(), 'short')} left`
  return until <= asked ? 'bd lease over' : `bd lease until ${timeOfDay(until, now)} UTC when asked`
}

/** The beginning of a long id, as elsewhere. */
function shortName(assignee: string): string {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(assignee) ? assignee.slice(0, 8) : nameOf(assignee)
}

function age(asked: Date, now: Date): string {
  return duration(now.getTime() - asked.getTime(), 'short')
}

/** Without the lease, which is renewed all the time. */
function keyOf({ status, assignee, priority, title }: Task): string {
  return fnv1a(JSON.stringify([status, assignee ?? null, priority ?? null, title]))
}
