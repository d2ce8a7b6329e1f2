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

/**
 * Another's text on one line, cut, and without a bracket: for where something besides says where it ends, as quotes or a
 * field of JSON do. Bare among words of ours it may pass for them, spaces and all: there `quoted`, `labelOf` and `nameOf` stand.
 */
export function plain(text: string, max = SHOWN_MAX): string {
  const [...characters] = oneLine(text).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('`', '´')
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`
}

/** An id, a role or another name: as it is where it is one word, and quoted where somebody made more of it. */
export function nameOf(text: string): string {
  return isWord(text, /^[\p{L}\p{N}_.@:+-]{1,128}$/u) ? text : quoted(text)
}

/** A label, in which most is allowed, as `nameOf`: a word of it may have slashes. */
export function labelOf(text: string): string {
  return isWord(text, /^[\p{L}\p{N}_.@:+/-]{1,128}$/u) ? text : quoted(text)
}

/** Some letters show nothing, as a space does: rows of other programs may have them. */
function isWord(text: string, shape: RegExp): boolean {
  return shape.test(text) && oneLine(text) === text
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
