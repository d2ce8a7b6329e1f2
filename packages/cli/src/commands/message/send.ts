import { type Board, MESSAGE_KINDS, messageJson } from '@presence/core'
import { oneLine, sleep } from '@presence/core/internal'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { callMs } from '../../opening.ts'
import { noProject, projectHere } from '../../project.ts'
import { wholeSession } from '../../whole-session.ts'

interface Options extends Globals {
  readonly to?: string
  readonly all?: boolean
  readonly project?: string
  readonly kind?: string
  readonly subject: string
}

export const sendCommand: AddCommand = (message, io, done) =>
  message
    .command('send')
    .summary('send a message to a session, a project, or everyone')
    .description(
      'Send a message to one session, to everyone in the project (the default), or to everyone in all projects. If the board does not answer, the message goes to the outbox.',
    )
    .argument('<body>', 'at most 8,000 characters')
    .requiredOption('--subject <text>', 'what it is about, in one line')
    .option('--to <session>', 'only to this session')
    .addOption(new Option('--all', 'to everyone, in all projects').conflicts(['to', 'project']))
    .option('--project <key>', 'the project that it is about (default: that of this folder)')
    .addOption(new Option('--kind <kind>', 'the type of message (default: MESSAGE)').choices(MESSAGE_KINDS))
    .addHelpText(
      'after',
      '\nExample: presence message send --all --subject "db move" "db:orders will be down at noon"',
    )
    .action((body: string, _, command) => done(send(body, command.optsWithGlobals(), io)))

function send(body: string, { to: given, all = false, project, kind, subject, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const about = all ? undefined : await projectHere(project, io)
    const to = given === undefined ? undefined : await wholeSession(board, given)
    if (!all && to === undefined && about === undefined) return noProject()
    const until = Date.now() + callMs()
    const said = await board.messages.send({
      subject,
      body,
      ...(to === undefined ? {} : { to }),
      ...(about === undefined ? {} : { project: about }),
      ...(kind === undefined ? {} : { kind }),
    })
    if (!said.ok) return said
    const whom = to ?? (about === undefined ? 'all' : `all of ${about}`)
    return {
      lines: [`presence: sent to ${oneLine(whom)}: ${said.message.id}`],
      json: messageJson(said.message),
      notes: to === undefined ? [] : await unknownNotes(board, to, until),
    }
  })
}

/**
 * A note if no session has the name that the message was sent to: the board accepts any name, also a mistyped
 * one. If the board doesn't answer this question within the rest of the command's time, the note is left out:
 * the message itself was sent.
 *
 * @param until the end of the command's time, in milliseconds since 1970
 */
async function unknownNotes(board: Board, to: string, until: number): Promise<readonly string[]> {
  const there = board.who({ of: to }).catch(() => undefined)
  const who = await Promise.race([there, sleep(Math.max(0, until - Date.now()), { ref: false })])
  if (!who || who.sessions.some(({ state }) => state !== 'inactive')) return []
  return [`there is no session ${oneLine(to)} now; presence who lists the sessions`]
}
