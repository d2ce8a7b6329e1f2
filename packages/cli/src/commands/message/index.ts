import type { AddCommand } from '../../command.ts'
import { inboxCommand } from './inbox.ts'
import { readCommand } from './read.ts'
import { sendCommand } from './send.ts'

export const messageCommand: AddCommand = (program, io, done) => {
  const message = program
    .command('message')
    .summary('send messages to other sessions, and read theirs')
    .description(
      'Send messages to another session, to everyone in a project or to everyone, and read theirs. They are kept for 30 days.',
    )
    .addHelpText('after', '\nExample: presence message inbox')
  for (const add of [sendCommand, inboxCommand, readCommand]) add(message, io, done)
}
