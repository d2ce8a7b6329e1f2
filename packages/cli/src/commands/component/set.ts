import { COMPONENT_STATES, componentJson } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { noProject, projectHere } from '../../project.ts'

interface Options extends Globals {
  readonly project?: string
  readonly notes?: string
}

export const componentSetCommand: AddCommand = (component, io, done) =>
  component
    .command('set')
    .summary('set the state of a component')
    .description(
      `Set the state of a component. The usual states are ${COMPONENT_STATES.join(', ')}. A version or notes that you don't give are removed. If the board does not answer, the state goes to the outbox.`,
    )
    .argument('<component>', 'server, dashboard, …: at most 64 characters')
    .argument('<state>', 'a word, at most 64 characters')
    .argument('[version]', 'its version, at most 128 characters')
    .option('--notes <text>', 'anything else that others should know, at most 4,000 characters')
    .option('--project <key>', 'the project (default: that of this folder)')
    .addHelpText(
      'after',
      '\nExample: presence component set server deployed 0.3.0 --project web-shop --notes "live"',
    )
    .action((name: string, state: string, version: string | undefined, _, command) =>
      done(set(name, state, version, command.optsWithGlobals(), io)),
    )

function set(
  name: string,
  state: string,
  version: string | undefined,
  { project, notes, ...globals }: Options,
  io: Io,
) {
  return answer(globals, io, async board => {
    const here = await projectHere(project, io)
    if (here === undefined) return noProject()
    const said = await board.components.set({
      project: here,
      component: name,
      state,
      ...(version === undefined ? {} : { version }),
      ...(notes === undefined ? {} : { notes }),
    })
    if (!said.ok) return said
    const { component } = said
    const at = component.version === undefined ? '' : ` ${oneLine(component.version)}`
    return {
      lines: [
        `presence: ${oneLine(component.component)} of ${component.project} is ${oneLine(component.state)}${at}`,
      ],
      json: componentJson(component),
    }
  })
}
