import type { Received } from '@presence/core'
import { manyLines, oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { fold } from './fold.ts'
import { when } from './time.ts'

const RULE_WIDTH = 60

/** A message in a frame that nothing in the message can close. */
export function framed(
  message: Received,
  asOf: Date,
  io: Io,
  short: (id: string) => string = id => id,
): readonly string[] {
  const rule = '='.repeat(Math.min(RULE_WIDTH, io.width))
  return [
    rule,
    io.paint('bold', `MESSAGE FROM ${oneLine(message.from)} — ${oneLine(message.subject)}`),
    rule,
    ...manyLines(message.body).map(line => inFrame(line, io.width)),
    rule,
    io.paint('dim', aboutIt(message, asOf, short)),
  ]
}

/**
 * Indents a line by two columns if it could be mistaken for part of the frame. This includes lines that
 * folding makes.
 */
function inFrame(line: string, width: number): string {
  return fold(line, width, true)
    .split('\n')
    .map(each => (/^(={3}|MESSAGE FROM)/.test(each) ? `  ${each}` : each))
    .join('\n')
}

function aboutIt(
  { id, sentAt, project, kind, to, unread }: Received,
  asOf: Date,
  short: (id: string) => string,
): string {
  const whose =
    to === undefined ? (project === undefined ? 'to all' : `to all of ${oneLine(project)}`) : 'to you'
  const what = kind === 'MESSAGE' ? '' : `${kind}, `
  return `${what}${whose}, ${when(sentAt, asOf)}${unread ? '' : ', read'}; ${oneLine(short(id))}`
}
