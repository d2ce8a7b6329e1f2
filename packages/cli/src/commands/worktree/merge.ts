import { parseRole } from '@presence/core/internal'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import type { Merged } from '../../worktree/merge.ts'

interface Options extends Globals {
  readonly yes?: boolean
}

export const addMerge: AddCommand = (group, io, done) =>
  group
    .command('merge')
    .summary("merge a role's branch")
    .description(
      'Merge the commits of a role into the branch that it began from, in the worktree that has that branch checked out: as a fast-forward if possible, else with a merge commit. A conflict is never resolved: the files are named, and nothing is changed.',
    )
    .argument('<role>', 'whose branch')
    .option('--yes', 'merge it even if a session there holds live claims')
    .addHelpText('after', '\nExample: presence worktree merge backend')
    .action((role: string, _, command) => done(merge(role, command.optsWithGlobals(), io)))

async function merge(role: string, { yes = false, ...globals }: Options, io: Io) {
  const { inRepository, refusedRole, uninterrupted } = await import('../../worktree/say.ts')
  const { mergeWorktree } = await import('../../worktree/merge.ts')
  const { alone } = await import('../../worktree/lock.ts')
  const { askWho } = await import('../../worktree/sessions.ts')
  const { agreedToClaims } = await import('../../worktree/consent.ts')
  const { folderOf } = await import('../../worktree/repository.ts')
  return inRepository(globals, io, async ({ repository, say }) => {
    const parsed = parseRole(role)
    if (!parsed.ok) return refusedRole(parsed)
    const there = { path: folderOf(repository, role), present: await askWho(globals, io) }
    const refused = await agreedToClaims('Merge', there, yes, globals, io)
    if (refused) return refused
    uninterrupted()
    const said = await alone(repository, say, () => mergeWorktree(repository, role))
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
