import { oneLine, WORKFLOW_STATUSES, workflowJson } from '@presence/core'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'

interface Options extends Globals {
  readonly status?: string
  readonly name?: string
  readonly description?: string
  readonly reopen?: boolean
}

export const workflowSetCommand: AddCommand = (workflow, io, done) =>
  workflow
    .command('set')
    .summary('move a workflow, or say it anew')
    .description(
      'Move a workflow to another status, or change its name or description. Of several who move it at once one does; what is blocked or planned goes on before it is completed. Exit 1 where it can not go there, 3 where the board gives no answer to a move.',
    )
    .argument('<id>', 'which, as the list names it')
    .addOption(new Option('--status <status>', 'where it is now').choices(WORKFLOW_STATUSES))
    .option('--name <text>', 'what is to be done, in a line')
    .option('--description <text>', 'more about it; "" for nothing')
    .option('--reopen', 'it had ended, and goes on')
    .addHelpText('after', '\nExample: presence workflow set mail-queue --status active')
    .action((id: string, _, command) => done(set(id, command.optsWithGlobals(), io)))

function set(id: string, { status, name, description, reopen = false, ...globals }: Options, io: Io) {
  return answer(
    globals,
    io,
    async board => {
      const said = await board.workflows.set({
        id,
        reopen,
        ...(status === undefined ? {} : { status }),
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
      })
      if (!said.ok) return said
      const { workflow } = said
      return {
        lines: [`presence: ${oneLine(workflow.name)} is ${workflow.status}: ${workflow.id}`],
        json: workflowJson(workflow),
      }
    },
    { promises: status !== undefined },
  )
}
