import { WORKFLOW_STATUSES, workflowJson } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { noProject, projectHere } from '../../project.ts'

interface Options extends Globals {
  readonly project?: string
  readonly description?: string
  readonly status?: string
  readonly id?: string
}

export const workflowAddCommand: AddCommand = (workflow, io, done) =>
  workflow
    .command('add')
    .summary('add a workflow')
    .description('Add a workflow, and print its id.')
    .argument('<name>', 'what is to be done, in one line')
    .option('--description <text>', 'more about it, at most 4,000 characters')
    .addOption(new Option('--status <status>', 'its status (default: planning)').choices(WORKFLOW_STATUSES))
    .option('--project <key>', 'the project (default: that of this folder)')
    .option('--id <id>', 'its id; a second add with the same id changes nothing')
    .addHelpText('after', '\nExample: presence workflow add "Move the mail queue" --project web-shop')
    .action((name: string, _, command) => done(add(name, command.optsWithGlobals(), io)))

function add(name: string, { project, description, status, id, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const here = await projectHere(project, io)
    if (here === undefined) return noProject()
    const said = await board.workflows.add({
      project: here,
      name,
      ...(description === undefined ? {} : { description }),
      ...(status === undefined ? {} : { status }),
      ...(id === undefined ? {} : { id }),
    })
    if (!said.ok) return said
    const { workflow } = said
    return {
      lines: [`presence: added ${oneLine(workflow.name)} (${workflow.status}): ${workflow.id}`],
      json: workflowJson(workflow),
    }
  })
}
