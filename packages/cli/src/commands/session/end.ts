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
      'End your session, or those of a role on this host, for example one that died: tell the others (SESSION_END) and release its claims. Its worktree stays.',
    )
    .argument('[role]', 'whose sessions (default: your own)')
    .option('--yes', 'with a role: even if its session holds live claims')
    .addHelpText('after', '\nExample: presence session end')
    .action((role: string | undefined, _, command) => done(end(role, command.optsWithGlobals(), io)))

async function end(role: string | undefined, { yes = false, ...globals }: Options, io: Io): Promise<number> {
  const { endOwn, endRole } = await import('../../session/end.ts')
  return role === undefined ? endOwn(globals, io) : endRole(role, yes, globals, io)
}
