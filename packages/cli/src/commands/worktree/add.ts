import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'

interface Options extends Globals {
  readonly from?: string
}

export const addAdd: AddCommand = (group, io, done) =>
  group
    .command('add')
    .summary("make a role's worktree")
    .description(
      "Make the worktree of a role. If it exists already, only set up what it lacks, such as the role's git identity. A new branch begins from main, or else from the default branch of the remote; an existing branch is continued.",
    )
    .argument('<role>', 'its role: lower-case letters, digits, - and _')
    .option('--from <branch>', 'the branch, tag or commit to begin from')
    .addHelpText('after', '\nExample: presence worktree add backend')
    .action((role: string, _, command) => done(add(role, command.optsWithGlobals(), io)))

async function add(role: string, { from, ...globals }: Options, io: Io) {
  const { inRepository, uninterrupted } = await import('../../session/in-repository.ts')
  const { addWorktree } = await import('@presence/worktree')
  return inRepository(globals, io, async ({ repository, rules }) => {
    uninterrupted()
    const said = await addWorktree(repository, role, { rules, from })
    if (!said.ok) return said
    const { path, branch, created, notes } = said
    return {
      lines: [`presence: ${created ? 'made' : 'already exists:'} ${path}${branch ? `, on ${branch}` : ''}`],
      json: { role, path, branch: branch ?? null, created },
      notes,
    }
  })
}
