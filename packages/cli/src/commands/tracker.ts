import { PresenceError, type Who } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { findTracker, type Task, tasksInProgress } from '@presence/tracker'
import { answer, printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { ago } from '../ui/time.ts'

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
      'Show the tasks in progress, the least recently updated first, and whether the session that each is assigned to is at work (seen within 300 s). Changes nothing.',
    )
    .addHelpText('after', '\nExample: presence tracker audit')
    .action((_, command) => done(audit(command.optsWithGlobals(), io)))
}

async function audit(globals: Globals, io: Io): Promise<ExitStatus> {
  const tasks = await inProgress(io).catch(error => error as Error)
  if (tasks instanceof Error) return printFault(tasks, globals, io, true)
  return answer(globals, io, async board => {
    const who = await board.who()
    const rows = tasks.map(task => ({ task, session: sessionOn(task, who) }))
    return {
      lines:
        rows.length === 0 ? ['presence: no task is in progress'] : rows.map(row => lineOf(row, who.asOf)),
      json: rows.map(({ task: { id, title, assignee, updatedAt }, session }) => ({
        id,
        title,
        assignee: assignee ?? null,
        updated_at: updatedAt ?? null,
        live: session !== undefined && !session.stale,
        stale: session?.stale ?? null,
      })),
    }
  })
}

/** @throws PresenceError if there is no tracker, or if it fails */
async function inProgress({ env, cwd }: Io): Promise<readonly Task[]> {
  const tracker = findTracker(env, cwd)
  if (!tracker)
    throw new PresenceError(
      'invalid_config',
      'there is no tracker here: bd is not on PATH, or the project has no .beads at its top',
      'install bd, and run this in a project that has a tracker',
    )
  return tasksInProgress(tracker, cwd).catch(cause => {
    throw new PresenceError(
      'unexpected',
      `the tracker's tasks could not be listed: ${(cause as Error).message}`,
      'to see its error, run: bd list --status in_progress',
      { cause },
    )
  })
}

function sessionOn({ assignee }: Task, { sessions }: Who) {
  return assignee === undefined ? undefined : sessions.find(({ session }) => session.id === assignee)
}

function lineOf(
  { task, session }: { readonly task: Task; readonly session: ReturnType<typeof sessionOn> },
  asOf: Date,
): string {
  const touched = task.updatedAt ? `touched ${ago(task.updatedAt, asOf)}` : 'last touched at an unknown time'
  const name = task.assignee === undefined ? 'nobody' : oneLine(task.assignee)
  const state =
    session === undefined
      ? 'is not on the board'
      : session.stale
        ? `was last seen ${ago(session.lastSeen, asOf)}`
        : 'is at work'
  return `${oneLine(task.id)}  ${oneLine(task.title)}: ${touched}; ${task.assignee === undefined ? 'assigned to nobody' : `${name} ${state}`}`
}
