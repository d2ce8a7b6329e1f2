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
      'Say that a session has ended (SESSION_END) and release what it holds: your own, or those of a role on this host, for instance one that died. Its worktree stays.',
    )
    .argument('[role]', 'whose sessions; your own unless told')
    .option('--yes', 'with a role: also while its session holds live claims')
    .addHelpText('after', '\nExample: presence session end')
    .action((role: string | undefined, _, command) => done(end(role, command.optsWithGlobals(), io)))

async function end(role: string | undefined, { yes = false, ...globals }: Options, io: Io): Promise<number> {
  const { endOwn, endRole } = await import('../../session/end.ts')
  return role === undefined ? endOwn(globals, io) : endRole(role, yes, globals, io)
}
