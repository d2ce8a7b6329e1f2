import { MESSAGE_KINDS, receivedJson } from '@presence/core'
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
    .summary('show those to you that you have not read')
    .description(
      'Show the messages to you that you have not read, the earliest first: those to you alone, to all of the project, and to all. Those to many are news for a day, or since your session is there.',
    )
    .option('--all', 'those that you have read too')
    .option('--read', 'mark as read what is shown')
    .addOption(new Option('--peek', 'leave them unread (the default)').conflicts('read'))
    .option('--project <key>', 'which project is meant (default: the one here)')
    .addOption(new Option('--everywhere', 'what is to all of any project too').conflicts('project'))
    .addOption(new Option('--kind <kind...>', 'only of these kinds').choices(MESSAGE_KINDS))
    .option('--limit <number>', 'the latest so many, at most 500 (default: 50)', wholeNumber(500))
    .option('--before <place>', 'earlier ones, from where a page before ended')
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
    const none = all ? 'presence: no messages' : 'presence: no unread messages'
    return {
      lines:
        said.rows.length === 0 ? [none] : said.rows.toReversed().flatMap(each => framed(each, said.asOf, io)),
      json: { messages: said.rows.map(receivedJson), next: said.next ?? null },
      notes: nextNote(said.next, '--before'),
    }
  })
}
