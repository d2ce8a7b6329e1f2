import type { AddCommand } from '../../command.ts'
import { historyCommand } from './history.ts'
import { componentListCommand } from './list.ts'
import { componentSetCommand } from './set.ts'

export const componentCommand: AddCommand = (program, io, done) => {
  const component = program
    .command('component')
    .summary('say and see the state of the parts of a project')
    .description('Say in which state a part of a project is, and see what others said.')
    .addHelpText('after', '\nExample: presence component list')
  for (const add of [componentSetCommand, componentListCommand, historyCommand]) add(component, io, done)
}
