import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'

interface Options extends Globals {
  readonly yes?: boolean
}

export const endCommand: AddCommand = (group, io, done) =>
  group
    .command('end')
    .summary('end a session')
    .description(
      'End your session, or the sessions of a role on this host, for example after an agent died. The others are told (SESSION_END), and the claims of the session are released. Its worktree stays.',
    )
    .argument('[role]', 'the role whose sessions end (default: end your own session)')
    .option('--yes', 'with a role: end its session even if it holds live claims')
    .addHelpText('after', '\nExample: presence session end')
    .action((role: string | undefined, _, command) => done(end(role, command.optsWithGlobals(), io)))

async function end(role: string | undefined, { yes = false, ...globals }: Options, io: Io): Promise<number> {
  const { endOwn, endRole } = await import('../../session/end.ts')
  return role === undefined ? endOwn(globals, io) : endRole(role, yes, globals, io)
}
