import { all, type Board, type Released } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { type Answer, answer } from '../answer.ts'
import { answerEach } from '../answer-each.ts'
import { holdingsChanged } from '../changed.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { askEither, wholeLabels } from '../labels.ts'
import { claimsJson, toJson, usageJson } from '../ui/json.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { ago } from '../ui/time.ts'

interface Options extends Globals {
  readonly allMine?: boolean
}

export const releaseCommand: AddCommand = (program, io, done) =>
  program
    .command('release')
    .summary('take your claims off the board')
    .description(
      "Release your claims on these labels, or all of your claims. Claims of others are not touched. If one label can't be released, the others are released anyway, and the exit status is 1. With --json, several labels print an object with the answer or the error of each.",
    )
    .argument('[label...]', 'the labels to release')
    .option('--all-mine', 'release every claim of yours')
    .addHelpText('after', '\nExample: presence release node:k8s-1')
    .action((labels: readonly string[], _, command) => done(release(labels, command.optsWithGlobals(), io)))

async function release(
  typed: readonly string[],
  { allMine = false, ...globals }: Options,
  io: Io,
): Promise<ExitStatus> {
  const labels = wholeLabels(typed, io)
  if ((labels.length === 0) === !allMine) {
    const message = `release takes ${allMine ? 'labels or --all-mine, not both' : 'a label, or --all-mine'}`
    if (globals.json) io.out(toJson(usageJson(message, 'presence release --help')))
    io.err(`presence: ${message}`)
    io.err('presence: hint: presence release node:k8s-1, or presence release --all-mine')
    return EXIT.usage
  }
  if (allMine)
    return answer(globals, io, async board => {
      const said = await board.release(all)
      return said.ok ? shown(said, undefined, board, io) : said
    })
  return answerEach<Released>(globals, io, labels, {
    ask: (board, label) =>
      askEither(
        label,
        typed,
        io,
        each => board.release(each),
        said =>
          said.ok ? said.released.length + said.lapsed.length > 0 : said.refusal.code !== 'not_holder',
      ),
    show: (board, said, label) => shown(said, label, board, io),
  })
}

function shown(said: Released, label: string | undefined, board: Board, io: Io): Answer {
  holdingsChanged(io)
  const view = { me: board.session.id, asOf: said.asOf }
  return {
    lines: linesOf(said, label),
    json: { released: claimsJson(said.released, view), lapsed: claimsJson(said.lapsed, view) },
    notes: coClaimNotes(said.coClaims, said.asOf),
  }
}

function linesOf({ released, lapsed, asOf }: Released, label: string | undefined): readonly string[] {
  const lines = [
    ...released.map(claim => `presence: released ${oneLine(claim.label)}`),
    ...lapsed.map(claim => {
      const { how, by = 'another session', note = '' } = claim.ended ?? {}
      const what = how === 'stolen' ? `was stolen by ${oneLine(by)} (${oneLine(note)})` : 'lapsed'
      return `presence: your claim on ${oneLine(claim.label)} ${what} ${ago(claim.expiresAt, asOf)}; it is no longer listed`
    }),
  ]
  if (lines.length > 0) return lines
  return [
    label === undefined
      ? 'presence: no claims of yours to release'
      : `presence: no claim of yours on ${oneLine(label)}`,
  ]
}
