import { MESSAGE_KINDS, messageJson } from '@presence/core'
import { shortIds } from '@presence/core/internal'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { projectHere } from '../../project.ts'
import { nextNote } from '../../ui/listing.ts'
import { framed } from '../../ui/message.ts'
import { wholeNumber } from '../../whole-number.ts'

interface Options extends Globals {
  readonly all?: boolean
  readonly read?: boolean
  readonly project?: string
  readonly everywhere?: boolean
  readonly kind?: readonly string[]
  readonly limit?: number
  readonly before?: string
}

export const inboxCommand: AddCommand = (message, io, done) =>
  message
    .command('inbox')
    .summary('show messages that you have not read')
    .description(
      'Show the messages that you have not read, the earliest first: to you, to everyone in the project, and to everyone. Messages to more than one session are shown if they are at most a day old, or were sent since your session started.',
    )
    .option('--all', 'also those that you have read')
    .option('--read', 'mark the shown messages as read')
    .addOption(new Option('--peek', 'leave them unread (the default)').conflicts('read'))
    .option('--project <key>', 'the project (default: that of this folder)')
    .addOption(new Option('--everywhere', 'also messages to everyone in other projects').conflicts('project'))
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices(MESSAGE_KINDS))
    .option('--limit <number>', 'how many of the latest to show, at most 500 (default: 50)', wholeNumber(500))
    .option('--before <cursor>', 'continue from this cursor, which the previous page printed')
    .addHelpText('after', '\nExample: presence message inbox --read')
    .action((_, command) => done(inbox(command.optsWithGlobals(), io)))

function inbox(
  { all = false, read = false, project, everywhere = false, kind, limit, before, ...globals }: Options,
  io: Io,
) {
  return answer(globals, io, async board => {
    const here = everywhere ? undefined : await projectHere(project, io)
    const said = await board.messages.inbox({
      unreadOnly: !all,
      ...(here === undefined ? {} : { project: here }),
      ...(kind === undefined ? {} : { kinds: kind }),
      ...(limit === undefined ? {} : { limit }),
      ...(before === undefined ? {} : { before }),
    })
    if (!said.ok) return said
    const unread = said.rows.filter(message => message.unread).map(({ id }) => id)
    const marked = read ? await board.messages.read(unread) : undefined
    if (marked && !marked.ok) return marked
    const none = `presence: no ${all ? '' : 'unread '}messages${here === undefined ? '' : ` to you, to all of ${here}, or to all`}`
    const short = shortIds(said.rows.map(({ id }) => id))
    return {
      lines:
        said.rows.length === 0
          ? [none]
          : said.rows.toReversed().flatMap(each => framed(each, said.asOf, io, short)),
      json: { messages: said.rows.map(messageJson), next: said.next ?? null },
      notes: nextNote(said.next, '--before'),
    }
  })
}
