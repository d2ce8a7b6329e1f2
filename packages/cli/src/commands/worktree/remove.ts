import { PresenceError } from '@presence/core'
import { shellWord } from '@presence/core/internal'
import type { Outlook, Removed } from '@presence/worktree'
import type { AddCommand } from '../../command.ts'
import { EXIT } from '../../exit-status.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { mergedJson, mergeLine } from './merge.ts'

interface Options extends Globals {
  readonly merge?: boolean
  readonly abandon?: boolean
  readonly yes?: boolean
}

const REMOVE_IT =
  'Remove it? An unmerged branch is kept. Uncommitted changes and commits on no branch are saved under a git ref.'

export const addRemove: AddCommand = (group, io, done) =>
  group
    .command('remove')
    .summary("remove a role's worktree, without losing work")
    .description(
      "Remove a role's worktree, and its branch if all of it is merged. If work is uncommitted, not merged or, where the repository has a remote, not pushed, the command asks first; without a terminal it refuses. If you agree, an unmerged branch is kept, and uncommitted changes and commits on no branch are saved under a git ref; the command that restores them is printed. The sessions that work there are deregistered.",
    )
    .argument('<role>', 'the role of the worktree')
    .option(
      '--merge',
      'merge its branch first, and continue even if its commits are not pushed; if there is a conflict, nothing is removed',
    )
    .option('--abandon', 'remove it even if work is uncommitted, not merged or not pushed')
    .option('--yes', 'remove it even if a session there holds live claims')
    .addHelpText('after', '\nExample: presence worktree remove backend --merge')
    .action((role: string, _, command) => done(remove(role, command.optsWithGlobals(), io)))

async function remove(
  role: string,
  { merge = false, abandon = false, yes = false, ...globals }: Options,
  io: Io,
) {
  if (merge && abandon) {
    io.err('presence: --merge and --abandon exclude each other')
    io.err('presence: hint: see: presence worktree remove --help')
    return EXIT.usage
  }
  const { inRepository, uninterrupted } = await import('../../session/in-repository.ts')
  const { askWho } = await import('../../session/ask-who.ts')
  const { endAll } = await import('../../session/presence.ts')
  const { agreedToClaims, confirmed } = await import('../../session/consent.ts')
  const { outlookOn, removeWorktree, sessionsAt } = await import('@presence/worktree')
  return inRepository(globals, io, async ({ repository }) => {
    const asked = { merge, abandon }
    const looked = await outlookOn(repository, role, asked)
    if (!looked.ok) return looked
    const { outlook } = looked
    const there = { path: outlook.path, present: await askWho(globals, io) }
    const unsaved = abandon ? undefined : outlook.unsaved
    const refused =
      (unsaved && (await confirmed(unsaved, REMOVE_IT, { globals, io }))) ??
      (await agreedToClaims('Remove', there, yes, globals, io))
    if (refused) return refused
    uninterrupted()
    const said = await removeWorktree(repository, outlook, asked)
    if (!said.ok) return said
    // Sessions in that folder can't work any more, even if some files are left.
    const present = there.present.known ? await askWho(globals, io) : there.present
    const sessions = sessionsAt(present.known ? present : there.present, outlook.path).filter(
      ({ state }) => state !== 'inactive',
    )
    const failed = await endAll(sessions, { role, path: repository.main }, globals, io)
    const json = {
      path: said.path,
      branch: said.branch,
      branch_deleted: said.branchDeleted,
      kept: said.kept ?? null,
      restore: said.kept ? restoring(said.path, said.kept) : null,
      merged: said.merged ? mergedJson(role, said.merged) : null,
      deregistered: sessions.map(({ session }) => session.id),
    }
    const notes = [...(said.merged?.notes ?? []), ...failed]
    const lines = linesOf(role, outlook, said)
    if (said.left === undefined) return { lines, json: { role, ...json }, notes }
    const fault = new PresenceError(
      'not_writable',
      `git no longer knows ${said.path}, but not all of its files could be deleted (${said.left})`,
      'delete them once you have the rights (rm -r): nothing in them is needed',
    )
    return { fault, done: json, notes: [...lines.map(line => line.replace(/^presence: /, '')), ...notes] }
  })
}

function linesOf(role: string, { tip, worktree }: Outlook, said: Removed): readonly string[] {
  const { path, branch, branchDeleted, kept, merged, left } = said
  return [
    ...(merged ? [mergeLine(role, merged)] : []),
    ...(left === undefined
      ? [worktree ? `presence: removed ${path}` : `presence: ${path} was already gone`]
      : []),
    ...(tip === undefined
      ? []
      : [
          branchDeleted
            ? `presence: deleted ${branch}, all of it is merged`
            : `presence: ${branch} stays, at ${tip.slice(0, 10)}; to continue it: presence worktree add ${role}`,
        ]),
    ...(kept
      ? [
          `presence: kept work that only the folder had: ${kept}`,
          `presence: to restore it: ${restoring(path, kept)}`,
        ]
      : []),
  ]
}

/** The command that makes a folder with everything that was kept. It changes nothing that exists. */
function restoring(path: string, kept: string): string {
  return `git worktree add --detach ${shellWord(path)} ${kept}`
}
