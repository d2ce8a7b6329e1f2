import { eventJson, type HistoryEvent } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { indented } from '../ui/holder.ts'
import { wholeNumber } from '../whole-number.ts'

interface Options extends Globals {
  readonly since?: string
  readonly limit?: number
}

export const logCommand: AddCommand = (program, io, done) =>
  program
    .command('log')
    .summary('show the history of claims')
    .description(
      'Show what happened, earliest first: claims, co-claims (a claim on a label that others held), releases, expiries, steals, resolutions, and requests that a server refused because their token does not allow the session id. The default is the last day. With --session, only events of that session and events that concern it. History is kept for 30 days.',
    )
    .argument('[label]', 'only this label')
    .option('--since <duration>', 'how far back: 30m, 2h, 7d (default: 1d)')
    .option(
      '--limit <number>',
      'how many of the latest to show, at most 10,000 (default: 100)',
      wholeNumber(10_000),
    )
    .addHelpText('after', '\nExample: presence log node:k8s-1 --since 2h')
    .action((label: string | undefined, _, command) => done(log(label, command.optsWithGlobals(), io)))

function log(label: string | undefined, { since, limit, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const said = await board.log({
      ...(label === undefined ? {} : { label }),
      ...(globals.session === undefined ? {} : { session: globals.session }),
      ...(since === undefined ? {} : { since }),
      ...(limit === undefined ? {} : { limit }),
    })
    if (!said.ok) return said
    const me = board.session.id
    return {
      lines:
        said.events.length === 0
          ? [`presence: no events ${whose(globals.session)}in that time`]
          : said.events.flatMap(event => eventLines(event, me, io)),
      json: said.events.map(eventJson),
      notes: said.more ? ['earlier events were left out: --limit shows more'] : [],
    }
  })
}

/** The global option `--session` filters here, so an empty answer names the filter. */
function whose(session: string | undefined): string {
  return session === undefined ? '' : `of ${oneLine(session)} `
}

/** If fewer columns than this are left after the time, the text goes on the next line. */
const TEXT_COLUMNS_MIN = 30

function eventLines(event: HistoryEvent, me: string, io: Io): readonly string[] {
  const at = event.at.toISOString().slice(0, 19).replace('T', ' ')
  const { label, session, purpose, token } = event
  const mode = token === undefined ? '' : ` (exclusive, token ${token})`
  const who = `${oneLine(session.id)}${session.id === me ? ' (me)' : ''}`
  // The history stores a steal's reason as its purpose if it has no purpose of its own. Print it once.
  const what = purpose === event.note ? '' : `  ${oneLine(purpose)}`
  const text = `${oneLine(label)}${mode}  ${who}${what}${aside(event)}`
  const head = `${at} UTC  ${event.event.padEnd(8)}  `
  if (io.width >= head.length + TEXT_COLUMNS_MIN) return indented(head, text, io.width)
  return [head.trimEnd(), ...indented('  ', text, io.width)]
}

/** The other sessions that the event concerns, and why. */
function aside({ event, others, note }: HistoryEvent): string {
  const who = others.map(oneLine).join(', ')
  const why = note === undefined ? '' : `: ${oneLine(note)}`
  if (event === 'steal') return `  from ${who}${why}`
  if (event === 'resolve') return `  of ${who}${why}`
  if (event === 'refused') return `  as ${who}${why}`
  return who === '' ? '' : `  with ${who}`
}
