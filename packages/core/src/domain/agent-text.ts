import type { Session } from './session.ts'
import { oneLine } from './text.ts'
import { type Onlooker, whereIs, whereWords } from './where.ts'

/** How much of another's text is shown, in characters, unless told. */
const SHOWN_MAX = 200
/** Of a repository, a branch or a folder, of which a line may have three. */
const PLACE_SHOWN_MAX = 80

/**
 * Another's text as data inside an agent's context: on one line, cut, in quotes that it can't end, and without a bracket
 * that could close the element in which agents wrap what hooks say.
 */
export function quoted(text: string, max = SHOWN_MAX): string {
  return `"${plain(text, max).replaceAll('"', '”')}"`
}

/** A label or an id, which stands without quotes: nothing in it may begin a line, end a sentence or open a tag. */
export function plain(text: string, max = SHOWN_MAX): string {
  const [...characters] = oneLine(text).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('`', '´')
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`
}

/** An id or a name: as it is where it is one word, and quoted where somebody made more of it. */
export function nameOf(text: string): string {
  return /^[\p{L}\p{N}_.@:+-]{1,128}$/u.test(text) ? text : quoted(text)
}

/** Where a session works, in words; undefined where that isn't known. */
export function placeText(session: Session, from: Onlooker): string | undefined {
  const where = whereIs(session, from)
  return where && whereWords(where, text => quoted(text, PLACE_SHOWN_MAX))
}

/** `2026-11-21 06:55:10 UTC` */
export function moment(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `06:55`, of a day that is named nearby. */
export function timeOfDay(date: Date, asOf: Date): string {
  const [day, time] = [date.toISOString().slice(0, 10), date.toISOString().slice(11, 16)]
  return day === asOf.toISOString().slice(0, 10) ? time : `${day} ${time}`
}
