import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'

export const startCommand: AddCommand = (group, io, done) =>
  group
    .command('start')
    .summary("make a role's worktree, register its session, and run its agent")
    .description(
      'Prepare a role\'s worktree and identity, register its session, tell the others (SESSION_START) and show its unread messages. Then run the agent in the worktree. When the agent ends, the session ends, and this command exits with the agent\'s status. Without a command, print shell commands that make a shell part of the session: eval "$(presence session start <role>)".',
    )
    .usage('[options] <role> [-- <command> [args...]]')
    .argument('<role>', 'the role; if .presence/config.json has "roles", one of them')
    .argument('[command...]', 'the agent to run in the worktree, after --')
    .addHelpText('after', '\nExample: presence session start backend -- claude')
    .action((role: string, words: readonly string[], _, command) =>
      done(begin(role, words, command.optsWithGlobals(), io)),
    )

async function begin(role: string, words: readonly string[], globals: Globals, io: Io): Promise<number> {
  const { startSession } = await import('../../session/start.ts')
  return startSession(role, words, globals, io)
}
