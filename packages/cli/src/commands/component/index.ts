import type { AddCommand } from '../../command.ts'
import { historyCommand } from './history.ts'
import { componentListCommand } from './list.ts'
import { componentSetCommand } from './set.ts'

export const componentCommand: AddCommand = (program, io, done) => {
  const component = program
    .command('component')
    .summary('set and show the state of the parts of a project')
    .description('Set the state of a part of a project, and see what others have set.')
    .addHelpText('after', '\nExample: presence component list')
  for (const add of [componentSetCommand, componentListCommand, historyCommand]) add(component, io, done)
}
