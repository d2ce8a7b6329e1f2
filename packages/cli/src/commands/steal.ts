import { oneLine, refusalOfNew, standsText } from '@presence/core/internal'
import { answer } from '../answer.ts'
import { holdingsChanged } from '../changed.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { askEither, wholeLabel } from '../labels.ts'
import { holderList } from '../ui/holder.ts'
import { claimJson, claimsJson } from '../ui/json.ts'

interface Options extends Globals {
  readonly reason?: string
  readonly purpose?: string
  readonly ttl?: string
}

export const stealCommand: AddCommand = (program, io, done) =>
  program
    .command('steal')
    .summary('take a label from the session that holds it exclusively')
    .description(
      "Take the exclusive claim on a label from the session that holds it. The reason stays in the history. That session is told at its next claim, heartbeat, list, peek or release, or at its agent's next prompt; a command that it runs is stopped only if `run --kill-on-loss` runs it.",
    )
    .argument('<label>', 'the label that is held')
    .option('--reason <text>', 'why the session may not keep it (required)')
    .option('--purpose <text>', 'what you are doing there (default: the reason)')
    .option(
      '--ttl <duration>',
      'how long the claim lives without a heartbeat: 900 (seconds), 15m, 2h (default: 15m)',
    )
    .addHelpText(
      'after',
      '\nExample: presence steal stack:gpu --reason "its runner is gone, agreed with bob"',
    )
    .action((label: string, _, command) => done(steal(label, command.optsWithGlobals(), io)))

function steal(typed: string, { reason = '', purpose, ttl, ...globals }: Options, io: Io) {
  const label = wholeLabel(typed, io)
  return answer(
    globals,
    io,
    async board => {
      const blank = await refusalOfNew(board, [label])
      if (blank) return blank
      const options = {
        reason,
        ...(purpose === undefined ? {} : { purpose }),
        ...(ttl === undefined ? {} : { ttl }),
      }
      const said = await askEither(
        label,
        [typed],
        io,
        each => board.steal(each, options),
        each => each.ok || each.refusal.code !== 'not_held',
      )
      if (!said.ok) return said
      holdingsChanged(io)
      const { claim, from, others, asOf } = said
      const view = { me: board.session.id, asOf }
      return {
        lines: [
          io.paint(
            'yellow',
            `presence: stole ${oneLine(claim.label)}, token ${claim.token}, ${standsText(claim, asOf)}, from:`,
          ),
          ...holderList([from], asOf, io),
          ...(others.length > 0
            ? ['presence: shared claims on it remain:', ...holderList(others, asOf, io)]
            : []),
          ...(purpose === undefined
            ? ['presence: your purpose there is the reason, because --purpose was not given']
            : []),
          "presence: that session is told at its next claim, heartbeat, list, peek or release, or at its agent's next prompt; a command that it runs is stopped only if `run --kill-on-loss` runs it",
        ],
        json: {
          claim: claimJson(claim, view),
          from: claimJson(from, view),
          others: claimsJson(others, view),
        },
      }
    },
    { promises: true, claims: [label], noteOption: '--reason' },
  )
}
