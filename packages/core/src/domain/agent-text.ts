import type { Session } from './session.ts'
import { oneLine } from './text.ts'
import { type Onlooker, whereIs, whereWords } from './where.ts'

/** The default number of characters shown of text from other sessions. */
const SHOWN_MAX = 200
/** The number of characters shown of a repository, branch or folder. One line may contain all three. */
const PLACE_SHOWN_MAX = 80
/** The number of characters shown of a path that is quoted. */
const PATH_SHOWN_MAX = 300

/**
 * Quotes text from another session so that an agent reads it as data: on one line, cut to `max` characters,
 * in quotes that the text can't close, and without brackets. A bracket could close the element in which
 * agents wrap what hooks print.
 */
export function quoted(text: string, max = SHOWN_MAX): string {
  return `"${plain(text, max).replaceAll('"', '”')}"`
}

/**
 * Text from another session on one line, cut to `max` characters, and without brackets. Use it only where
 * something else marks the end of the text, such as quotes or a JSON field: otherwise the text could be
 * mistaken for ours, because it may contain spaces. Elsewhere use `quoted`, `labelOf` or `nameOf`.
 */
export function plain(text: string, max = SHOWN_MAX): string {
  const [...characters] = oneLine(text).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('`', '´')
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`
}

/** An id, a role or another name: unchanged if it is one word, otherwise quoted. */
export function nameOf(text: string): string {
  return isWord(text, /^[\p{L}\p{N}_.@:+-]{1,128}$/u) ? text : quoted(text)
}

/** A label: as `nameOf`, but a word may contain slashes, because a label may contain almost any character. */
export function labelOf(text: string): string {
  return isWord(text, /^[\p{L}\p{N}_.@:+/-]{1,128}$/u) ? text : quoted(text)
}

/** A file or folder that a project may have named: unchanged if it is one word, otherwise quoted. */
export function pathOf(path: string): string {
  return isWord(path, /^[\p{L}\p{N}_.@:+=,~%/-]{1,1000}$/u) ? path : quoted(path, PATH_SHOWN_MAX)
}

/**
 * Some characters that Unicode counts as letters are invisible, like a space. Rows that other programs wrote
 * may contain them.
 */
function isWord(text: string, shape: RegExp): boolean {
  return shape.test(text) && oneLine(text) === text
}

/** Describes where a session works. Undefined if that isn't known. */
export function placeText(session: Session, from: Onlooker): string | undefined {
  const where = whereIs(session, from)
  return where && whereWords(where, text => quoted(text, PLACE_SHOWN_MAX))
}

/** `2026-11-21 06:55:10 UTC` */
export function moment(date: Date): string {
  return `${dateTime(date)} UTC`
}

/** `2026-11-21 06:55:10`, in UTC. */
function dateTime(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

/** `06:55`, or with the date if it is not the day of `asOf`. */
export function timeOfDay(date: Date, asOf: Date): string {
  const [day, time] = [date.toISOString().slice(0, 10), date.toISOString().slice(11, 16)]
  return day === asOf.toISOString().slice(0, 10) ? time : `${day} ${time}`
}
