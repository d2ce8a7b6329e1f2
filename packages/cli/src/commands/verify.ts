import { oneLine } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { wholeLabel } from '../labels.ts'
import { tokenFrom } from '../running/tokens.ts'
import { holderLine } from '../ui/holder.ts'
import { claimJson, toJson, usageJson } from '../ui/json.ts'

interface Options extends Globals {
  readonly token?: string
}

export const verifyCommand: AddCommand = (program, io, done) =>
  program
    .command('verify')
    .summary('check that a token of an exclusive claim is still the current one')
    .description(
      'For a script or a deploy step, right before a change: exit 0 only if the exclusive claim with this token is still held, 1 if it is not, 3 if that is unknown.',
    )
    .argument('<label>', 'the label that is held')
    .option(
      '--token <number>',
      'the token that claim --exclusive printed (default: the token that run --exclusive put into the environment)',
    )
    .addHelpText('after', '\nExample: presence verify stack:gpu --token 7')
    .action((typed: string, _, command) => {
      const label = wholeLabel(typed, io)
      const { token = tokenFrom(io.env, label), ...globals }: Options = command.optsWithGlobals()
      return done(token === undefined ? noToken(label, globals, io) : verify(label, token, globals, io))
    })

async function noToken(label: string, { json = false }: Globals, io: Io): Promise<ExitStatus> {
  const message = `verify needs the token of ${oneLine(label)}, and neither PRESENCE_TOKENS nor PRESENCE_TOKEN has it`
  if (json) io.out(toJson(usageJson(message, 'presence verify --help')))
  io.err(`presence: ${message}`)
  io.err('presence: hint: give --token, or call verify in a command that presence run --exclusive runs')
  return EXIT.usage
}

async function verify(label: string, token: string, globals: Globals, io: Io): Promise<ExitStatus> {
  let current = false
  const status = await answer(
    globals,
    io,
    async board => {
      const said = await board.verify(label, /^\d{1,15}$/.test(token) ? Number(token) : Number.NaN)
      if (!said.ok) return said
      current = said.current
      const about = `token ${token} on ${oneLine(label)}`
      const { holder, asOf } = said
      const now = holder
        ? `token ${holder.token} is held by ${holderLine(holder, asOf, board.session)}`
        : 'nobody holds it exclusively'
      return {
        lines: [current ? `presence: ${about} is current` : `presence: ${about} is not current: ${now}`],
        json: {
          current,
          token: said.token,
          holder: holder ? claimJson(holder, { me: board.session.id, asOf }) : null,
        },
      }
    },
    { promises: true, outbox: false },
  )
  return status === EXIT.done && !current ? EXIT.refused : status
}
