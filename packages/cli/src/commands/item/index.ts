import type { AddCommand } from '../../command.ts'
import { itemAddCommand } from './add.ts'
import { itemListCommand } from './list.ts'
import { itemSetCommand } from './set.ts'

export const itemCommand: AddCommand = (program, io, done) => {
  const item = program
    .command('item')
    .summary('share a list of work items')
    .description(
      'Share work items: single tasks, or the steps of a workflow. Items that have ended are kept for 90 days.',
    )
    .addHelpText('after', '\nExample: presence item list')
  for (const add of [itemAddCommand, itemListCommand, itemSetCommand]) add(item, io, done)
}
