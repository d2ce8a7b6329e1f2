import { PresenceError, type Who } from '@presence/core'
import { duration, moment, oneLine } from '@presence/core/internal'
import { askTracker, findTracker, KeptFile, type Task, whyNoTracker } from '@presence/tracker'
import { answer, printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { ago, when } from '../ui/time.ts'

export const trackerCommand: AddCommand = (program, io, done) => {
  const tracker = program
    .command('tracker')
    .summary("compare the tracker's tasks with the board")
    .description("Compare the tracker's tasks (bd) with the board.")
    .addHelpText('after', '\nExample: presence tracker --help')
  tracker
    .command('audit')
    .summary('show tasks in progress, and whether their sessions are at work')
    .description(
      "Show the tasks in progress, the least recently updated first, and whether the session that each is assigned to is at work (seen within 300 s). A task that is under a lease of bd's own says until when. Says what is wrong if bd gives no answer. Changes no task.",
    )
    .addHelpText('after', '\nExample: presence tracker audit')
    .action((_, command) => done(audit(command.optsWithGlobals(), io)))
}

/** How long the tracker may take, in milliseconds: more than two calls at once take. */
const ASK_MS = 2_000

interface Asked {
  readonly tasks: readonly Task[]
  /** What is wrong with what agents are told of the tasks. */
  readonly notes: readonly string[]
}

async function audit(globals: Globals, io: Io): Promise<ExitStatus> {
  const asked = await ask(io).catch(error => error as Error)
  if (asked instanceof Error) return printFault(asked, globals, io, true)
  const tasks = asked.tasks
    .filter(({ status }) => status === 'in_progress')
    .toSorted((a, b) => (a.updatedAt?.getTime() ?? 0) - (b.updatedAt?.getTime() ?? 0))
  return answer(globals, io, async board => {
    const who = await board.who()
    const rows = tasks.map(task => ({ task, session: sessionOn(task, who) }))
    return {
      lines:
        rows.length === 0 ? ['presence: no task is in progress'] : rows.map(row => lineOf(row, who.asOf)),
      json: rows.map(({ task: { id, title, assignee, updatedAt, leaseUntil }, session }) => ({
        id,
        title,
        assignee: assignee ?? null,
        updated_at: updatedAt ?? null,
        lease_expires_at: leaseUntil ?? null,
        live: session !== undefined && !session.stale,
        stale: session?.stale ?? null,
        holds: session?.holds.map(({ label }) => label) ?? [],
      })),
      notes: asked.notes,
    }
  })
}

/** @throws PresenceError if there is no tracker, or if it fails */
async function ask({ env, cwd }: Io): Promise<Asked> {
  const tracker = findTracker(env, cwd)
  if (!tracker) {
    const { message, remedy } = whyNoTracker(env, cwd)
    throw new PresenceError('invalid_config', message, remedy)
  }
  try {
    const now = new Date()
    const tasks = await askTracker(tracker, env, ASK_MS)
    return { tasks, notes: keep(new KeptFile(tracker, env), tasks, now) }
  } catch (cause) {
    throw new PresenceError(
      'unexpected',
      `the tracker's tasks could not be listed: ${(cause as Error).message}`,
      'to see its error, run: bd list --status open,in_progress --json',
      { cause },
    )
  }
}

/** Keeps the answer for the agents' hooks, and says why they had none. */
function keep(kept: KeptFile, tasks: readonly Task[], asked: Date): readonly string[] {
  const { failure } = kept.read()
  const before = failure
    ? [`agents' hooks got no answer from bd since ${when(failure.since, asked)}: ${oneLine(failure.reason)}`]
    : []
  try {
    kept.keep(tasks, asked)
    return before
  } catch (error) {
    return [
      ...before,
      `agents are told no tasks, because the answer can't be kept: ${oneLine((error as Error).message)}`,
    ]
  }
}

function sessionOn({ assignee }: Task, { sessions }: Who) {
  return assignee === undefined ? undefined : sessions.find(({ session }) => session.id === assignee)
}

function lineOf(
  { task, session }: { readonly task: Task; readonly session: ReturnType<typeof sessionOn> },
  asOf: Date,
): string {
  const { id, title, assignee, updatedAt, leaseUntil } = task
  const touched = updatedAt ? `touched ${ago(updatedAt, asOf)}` : 'last touched at an unknown time'
  const state =
    session === undefined
      ? 'is not on the board'
      : session.stale
        ? `was last seen ${ago(session.lastSeen, asOf)}`
        : 'is at work'
  const holder = assignee === undefined ? 'assigned to nobody' : `${oneLine(assignee)} ${state}`
  const lease = leaseUntil === undefined ? '' : `; ${leaseText(leaseUntil, asOf)}`
  return `${oneLine(id)}  ${oneLine(title)}: ${touched}; ${holder}${lease}`
}

/** bd's own lease, beside what the board says of its holder. */
function leaseText(until: Date, asOf: Date): string {
  return until > asOf
    ? `bd lease until ${moment(until)} (${duration(until.getTime() - asOf.getTime())} left)`
    : `bd lease over since ${when(until, asOf)}`
}
