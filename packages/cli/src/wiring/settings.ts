import { PresenceError } from '@presence/core'
import { isObject } from '@presence/core/internal'
import { type JSONPath, type ParseError, parseTree } from 'jsonc-parser'
import { holdsOurs, isOurs, type Wired } from './agents.ts'
import { insertInto, valueAt, without } from './edit.ts'

const BOM = '\ufeff'

/**
 * An agent's settings with exactly these handlers of ours. Edited as text, so that everything else stays byte
 * for byte, comments included. Returns the text unchanged if no edit is needed.
 *
 * @param text the file's content, empty if there is no file
 * @throws PresenceError `invalid_config` if the file is not a JSON object, or its hooks have another shape
 */
export function withHandlers(
  text: string,
  path: string,
  wired: readonly Wired[],
  besides: Readonly<Record<string, unknown>> = {},
): string {
  // A byte order mark is not part of the JSON; an editor put it there.
  if (text.startsWith(BOM)) return BOM + withHandlers(text.slice(BOM.length), path, wired, besides)
  let edited = text.trim() === '' ? '{}\n' : text
  check(edited, path)
  if (wired.length > 0)
    for (const [key, value] of Object.entries(besides))
      if (valueAt(edited, [key]) === undefined) edited = insertInto(edited, [], value, key)
  for (const event of eventsOf(edited))
    if (entriesOf(edited, event).some(holdsOurs)) edited = withoutOld(edited, event, wired)
  for (const { event, entry } of wired)
    if (!entriesOf(edited, event).some(each => same(each, entry))) edited = append(edited, event, entry)
  return edited
}

/** Removes our handlers that are no longer wanted: whole groups of ours, and ours from groups of others. */
function withoutOld(text: string, event: string, wired: readonly Wired[]): string {
  let edited = text
  const wanted = wired.filter(each => each.event === event).map(({ entry }) => entry)
  const seen: object[] = []
  for (let at = entriesOf(edited, event).length - 1; at >= 0; at--) {
    const entry = entriesOf(edited, event)[at]
    if (!holdsOurs(entry)) continue
    const keep = wanted.find(each => same(each, entry))
    if (keep && !seen.includes(keep)) seen.push(keep)
    else edited = removeOurs(edited, ['hooks', event, at], entry)
  }
  if (entriesOf(edited, event).length === 0) edited = without(edited, ['hooks', event])
  return eventsOf(edited).length === 0 ? without(edited, ['hooks']) : edited
}

function removeOurs(text: string, path: JSONPath, entry: unknown): string {
  const handlers = (entry as { hooks?: unknown }).hooks
  if (!Array.isArray(handlers) || isOurs(entry)) return without(text, path)
  let edited = text
  for (let at = handlers.length - 1; at >= 0; at--)
    if (isOurs(handlers[at])) edited = without(edited, [...path, 'hooks', at])
  return edited
}

function append(text: string, event: string, entry: object): string {
  if (valueAt(text, ['hooks']) === undefined) return insertInto(text, [], { [event]: [entry] }, 'hooks')
  return valueAt(text, ['hooks', event]) === undefined
    ? insertInto(text, ['hooks'], [entry], event)
    : insertInto(text, ['hooks', event], entry)
}

/** @throws PresenceError `invalid_config` if the text is not a JSON object */
export function checkJson(text: string, path: string): void {
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { allowTrailingComma: true })
  if (tree?.type !== 'object' || errors.length > 0)
    throw invalid(path, errors[0] ? `is not JSON (at character ${errors[0].offset})` : 'is not a JSON object')
}

function check(text: string, path: string): void {
  checkJson(text, path)
  const hooks = valueAt(text, ['hooks'])
  if (hooks !== undefined && !isObject(hooks)) throw invalid(path, 'has hooks that are not an object')
  for (const event of eventsOf(text))
    if (!Array.isArray(valueAt(text, ['hooks', event])))
      throw invalid(path, `has hooks for ${event} that are not a list`)
}

function invalid(path: string, problem: string): PresenceError {
  return new PresenceError('invalid_config', `${path} ${problem}`, 'fix it, or move it out of the way')
}

function eventsOf(text: string): readonly string[] {
  return Object.keys((valueAt(text, ['hooks']) as object | undefined) ?? {})
}

function entriesOf(text: string, event: string): readonly unknown[] {
  const entries = valueAt(text, ['hooks', event])
  return Array.isArray(entries) ? entries : []
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
