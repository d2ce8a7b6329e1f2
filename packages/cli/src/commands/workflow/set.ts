import { WORKFLOW_STATUSES, workflowJson } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { wholeWorkId } from '../../whole-session.ts'

interface Options extends Globals {
  readonly status?: string
  readonly name?: string
  readonly description?: string
  readonly reopen?: boolean
}

export const workflowSetCommand: AddCommand = (workflow, io, done) =>
  workflow
    .command('set')
    .summary('move or change a workflow')
    .description(
      'Move a workflow to another status, or change its name or description. If several sessions move it at once, one succeeds. A blocked or planned workflow must be active before it can be completed. Exit status 1 if the move is not possible, 3 if the board does not answer a move.',
    )
    .argument('<id>', 'its id, as shown in the list')
    .addOption(new Option('--status <status>', 'its new status').choices(WORKFLOW_STATUSES))
    .option('--name <text>', 'what is to be done, in one line')
    .option('--description <text>', 'more about it; "" removes it')
    .option('--reopen', 'reopen it if it has ended')
    .addHelpText('after', '\nExample: presence workflow set mail-queue --status active')
    .action((id: string, _, command) => done(set(id, command.optsWithGlobals(), io)))

function set(id: string, { status, name, description, reopen = false, ...globals }: Options, io: Io) {
  return answer(
    globals,
    io,
    async board => {
      const whole = await wholeWorkId(board, 'workflows', id)
      if (typeof whole === 'object') return whole
      const said = await board.workflows.set({
        id: whole,
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
    { promises: status !== undefined, lookUp: 'presence workflow list --all' },
  )
}
