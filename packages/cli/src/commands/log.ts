import { eventJson, type HistoryEvent } from '@presence/core'
import { decisionIn, mayBeShort, moment, oneLine, SERVER_LABEL, shortIds } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { askEither, wholeLabel } from '../labels.ts'
import { type Happened, Stream } from '../ui/stream.ts'
import { day, shortClock } from '../ui/time.ts'
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

function log(typed: string | undefined, { since, limit, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const label = typed === undefined ? undefined : wholeLabel(typed, io)
    const on = (label: string | undefined, session: string | undefined) =>
      board.log({
        ...(label === undefined ? {} : { label }),
        ...(session === undefined ? {} : { session }),
        ...(since === undefined ? {} : { since }),
        ...(limit === undefined ? {} : { limit }),
      })
    const read = (session: string | undefined) =>
      label === undefined
        ? on(undefined, session)
        : askEither(
            label,
            [typed ?? label],
            io,
            each => on(each, session),
            said => !said.ok || said.events.length > 0,
          )
    const asked = globals.session === undefined ? undefined : board.session.id
    let said = await read(asked)
    if (!said.ok) return said
    if (said.events.length === 0 && asked !== undefined && mayBeShort(asked)) {
      // A session that is gone is known only by its events.
      const all = await read(undefined)
      if (!all.ok) return all
      const { onlyOne } = await import('../whole-id.ts')
      const ids = all.events.flatMap(({ session, others }) => [session.id, ...others])
      const found = onlyOne(asked, ids, 'invalid_session')
      if (typeof found === 'object') return found
      if (found !== undefined) said = await read(found)
      if (!said.ok) return said
    }
    return {
      lines:
        said.events.length === 0
          ? [`presence: no events ${whose(asked)}in that time`]
          : eventLines(said.events, board.session.id, io),
      json: said.events.map(eventJson),
      notes: said.more ? ['earlier events were left out: --limit shows more'] : [],
    }
  })
}

/** The global option `--session` filters here, so an empty answer names the filter. */
function whose(session: string | undefined): string {
  return session === undefined ? '' : `of ${oneLine(session)} `
}

/** The events in columns. On a terminal each day has a heading, and a line only the time of the day. */
function eventLines(events: readonly HistoryEvent[], me: string, io: Io): readonly string[] {
  const short = shortIds(events.flatMap(({ session, others }) => [session.id, ...others]))
  const onTerminal = io.width !== Number.POSITIVE_INFINITY
  const happened = events.map(event => happenedOf(event, me, short, onTerminal))
  const columns = new Stream().widen(happened)
  let shown = ''
  return happened.flatMap((each, at) => {
    const date = day(events[at]?.at ?? new Date(0))
    const heading = onTerminal && date !== shown ? [io.paint('dim', `${date} UTC`)] : []
    shown = date
    return [...heading, ...columns.lines(each, io)]
  })
}

function happenedOf(
  event: HistoryEvent,
  me: string,
  short: (id: string) => string,
  onTerminal: boolean,
): Happened {
  const { label, session, purpose, token } = event
  const mode = token === undefined ? '' : `(exclusive, token ${token})`
  // The history stores a steal's reason as its purpose if it has no purpose of its own. Print it once.
  const what = purpose === event.note ? '' : oneLine(purpose)
  return {
    time: onTerminal ? shortClock(event.at) : moment(event.at),
    event: event.event,
    label: oneLine(label),
    session: `${oneLine(short(session.id))}${session.id === me ? ' (me)' : ''}`,
    text: [what, aside(event, short), mode].filter(part => part !== '').join('  '),
  }
}

/** The other sessions that the event concerns, and why. */
function aside({ event, label, others, note, auto }: HistoryEvent, short: (id: string) => string): string {
  const who = others.map(id => oneLine(short(id))).join(', ')
  const why = note === undefined ? '' : `: ${oneLine(note)}`
  if (event === 'steal') return `from ${who}${why}`
  if (event === 'resolve') return `of ${who}${why}`
  if (event === 'refused' && label === SERVER_LABEL) return `as ${who}${why}`
  if (decisionIn(event, label)) return `${who === '' ? 'nobody there' : `with ${who}`}${why}`
  return [auto ? '(automatic)' : '', who === '' ? '' : `with ${who}`].filter(part => part !== '').join('  ')
}
