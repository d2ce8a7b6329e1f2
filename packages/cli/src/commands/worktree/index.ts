import type { AddCommand } from '../../command.ts'
import { addAdd } from './add.ts'
import { addList } from './list.ts'
import { addMerge } from './merge.ts'
import { addRemove } from './remove.ts'

/** Lets several sessions work in one repository, each in its own worktree. */
export const worktreeCommand: AddCommand = (program, io, done) => {
  const group = program
    .command('worktree')
    .summary('give each role a folder and a branch of its own')
    .description(
      'Worktrees for roles: .worktrees/<role> in the main worktree, on the branch agent/<role>/active, where the role commits under its own name.',
    )
    .addHelpText('after', '\nExample: presence worktree list')
  for (const add of [addAdd, addList, addMerge, addRemove]) add(group, io, done)
}
