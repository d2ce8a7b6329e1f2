import type { AddCommand } from '../../command.ts'
import { workflowAddCommand } from './add.ts'
import { workflowListCommand } from './list.ts'
import { workflowSetCommand } from './set.ts'

export const workflowCommand: AddCommand = (program, io, done) => {
  const workflow = program
    .command('workflow')
    .summary('share work that has several steps')
    .description(
      'Share work that has several steps and takes longer than one session. Workflows that have ended are kept for 90 days.',
    )
    .addHelpText('after', '\nExample: presence workflow list')
  for (const add of [workflowAddCommand, workflowListCommand, workflowSetCommand]) add(workflow, io, done)
}
