import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'

export const startCommand: AddCommand = (group, io, done) =>
  group
    .command('start')
    .summary("make a role's worktree, register its session, and run its agent")
    .description(
      'Prepare the worktree of a role and its identity, register its session, tell the others (SESSION_START) and show its unread messages. Then run the agent there, with its exit status, and end the session with it; without a command, print the lines that make a shell the session.',
    )
    .usage('[options] <role> [-- <command> [args...]]')
    .argument('<role>', 'whose session: one of "roles" in .presence/config.json, if that names any')
    .argument('[command...]', 'the agent to run there, after --')
    .addHelpText('after', '\nExample: presence session start backend -- claude')
    .action((role: string, words: readonly string[], _, command) =>
      done(begin(role, words, command.optsWithGlobals(), io)),
    )

async function begin(role: string, words: readonly string[], globals: Globals, io: Io): Promise<number> {
  const { startSession } = await import('../../session/start.ts')
  return startSession(role, words, globals, io)
}
