import { moment, needsFix, oneLine } from '@presence/core/internal'
import type { AddCommand } from '../../command.ts'
import { EXIT } from '../../exit-status.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'

export const addList: AddCommand = (group, io, done) =>
  group
    .command('list')
    .summary('show the worktrees of roles, and who is in them')
    .description(
      'Show the worktrees of roles: branch, commits ahead of and behind the branch that it began from, uncommitted changes, and whether a session is there: active, stale (not seen for 300 s) or inactive.',
    )
    .addHelpText('after', '\nExample: presence worktree list --json')
    .action((_, command) => done(list(command.optsWithGlobals(), io)))

async function list(globals: Globals, io: Io) {
  const { inRepository } = await import('../../session/in-repository.ts')
  const { askWho } = await import('../../session/ask-who.ts')
  const { leftovers, roleWorktrees } = await import('@presence/worktree')
  const { worktreeJson, worktreeTable } = await import('../../ui/worktrees.ts')
  let unknown = false
  const status = await inRepository(globals, io, async ({ repository }) => {
    const present = await askWho(globals, io)
    if (!present.known && needsFix(present.fault)) throw present.fault
    const worktrees = await roleWorktrees(repository, present)
    unknown = !present.known
    return {
      lines:
        worktrees.length === 0 ? ['presence: no worktrees of roles'] : worktreeTable(worktrees, present, io),
      json: worktrees.map(worktreeJson),
      notes: [
        ...leftovers(repository, worktrees),
        ...(present.known
          ? []
          : [
              `${oneLine(present.fault.message)}; who is in these worktrees has been unknown since ${moment(present.fault.since)}`,
            ]),
      ],
    }
  })
  return unknown && globals.strict && status === EXIT.done ? EXIT.fault : status
}
