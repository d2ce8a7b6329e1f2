import type { AddCommand } from '../../command.ts'
import { endCommand } from './end.ts'
import { startCommand } from './start.ts'

export const sessionCommand: AddCommand = (program, io, done) => {
  const group = program
    .command('session')
    .summary('start and end the session of a role')
    .description('Start the session of a role in its own worktree, or end it.')
    .addHelpText('after', '\nExample: presence session start --help')
  for (const add of [startCommand, endCommand]) add(group, io, done)
}
