import type { Merged } from '@presence/worktree'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'

interface Options extends Globals {
  readonly yes?: boolean
}

export const addMerge: AddCommand = (group, io, done) =>
  group
    .command('merge')
    .summary("merge a role's branch")
    .description(
      "Merge a role's branch into the branch that it began from: as a fast-forward if possible, else with a merge commit. The merge runs in the worktree that has the target branch checked out. If there is a conflict, the files are named, and nothing is changed.",
    )
    .argument('<role>', 'whose branch')
    .option('--yes', 'merge it even if a session there holds live claims')
    .addHelpText('after', '\nExample: presence worktree merge backend')
    .action((role: string, _, command) => done(merge(role, command.optsWithGlobals(), io)))

async function merge(role: string, { yes = false, ...globals }: Options, io: Io) {
  const { inRepository, uninterrupted } = await import('../../session/in-repository.ts')
  const { askWho } = await import('../../session/ask-who.ts')
  const { agreedToClaims } = await import('../../session/consent.ts')
  const { folderOfRole, mergeWorktree } = await import('@presence/worktree')
  return inRepository(globals, io, async ({ repository }) => {
    const folder = folderOfRole(repository, role)
    if (!folder.ok) return folder
    const there = { path: folder.path, present: await askWho(globals, io) }
    const refused = await agreedToClaims('Merge', there, yes, globals, io)
    if (refused) return refused
    uninterrupted()
    const said = await mergeWorktree(repository, role)
    if (!said.ok) return said
    return { lines: [mergeLine(role, said)], json: mergedJson(role, said), notes: said.notes }
  })
}

export function mergeLine(role: string, { how, into, head }: Merged): string {
  const at = head.slice(0, 10)
  if (how === 'already') return `presence: all of ${role} is already in ${into}`
  return `presence: merged ${role} into ${into}, ${how === 'fast-forward' ? 'fast-forward to' : 'with the merge commit'} ${at}`
}

export function mergedJson(role: string, { how, into, head }: Merged) {
  return { role, into, how, head }
}
