import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { inQuotes } from '@presence/core/internal'
import type { Exports } from './exports.ts'

/** A larger file is left alone. In bytes. */
const FILE_BYTES_MAX = 1 << 20
/** How often the file is read again because others added to it meanwhile. */
const TRIES = 5

/**
 * Exports variables in the file that the agent reads before each command, in one line each: an agent starts a
 * session many times (resume, compact), and keeps the file. Everything else in the file keeps every byte. It is
 * changed in place, because it may be a link, and others may have it open.
 *
 * A file that isn't an ordinary one, or is another user's, is left alone: writing to a pipe could block.
 *
 * @throws if the file can't be opened or written
 */
export function exportIn(file: string, exports: Exports): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) return
  const { O_RDWR, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants
  const opened = openSync(file, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o600)
  try {
    const { uid } = fstatSync(opened)
    if (uid !== 0 && uid !== process.geteuid?.()) return
    for (let tries = 0; tries < TRIES; tries++) if (isUpdated(opened, exports)) return
  } finally {
    closeSync(opened)
  }
}

/** False if others wrote to the file meanwhile. Bytes are read as Latin-1, so that each stays the same. */
function isUpdated(opened: number, exports: Exports): boolean {
  const found = fstatSync(opened)
  if (!found.isFile() || found.size > FILE_BYTES_MAX) return true
  const before = Buffer.alloc(found.size)
  readSync(opened, before, 0, found.size, 0)
  const after = Buffer.from(withExports(before.toString('latin1'), exports), 'latin1')
  let same = 0
  while (same < before.length && before[same] === after[same]) same++
  if (same === before.length && same === after.length) return true
  if (fstatSync(opened).size !== found.size) return false
  writeSync(opened, after, same, after.length - same, same)
  if (after.length < before.length) ftruncateSync(opened, after.length)
  return true
}

/** The text with one line for each of these variables, at the place of the first that it had. */
export function withExports(text: string, exports: Exports): string {
  const values = new Map(exports)
  const isOurs = ownLines(text, [...values.keys()])
  const done = new Set<string>()
  const lines = text.split('\n').flatMap(line => {
    const name = isOurs(line)
    if (name === undefined) return [line]
    const value = values.get(name)
    if (value === undefined || done.has(name)) return []
    done.add(name)
    return [lineOf(name, value)]
  })
  const more = exports.filter(([name]) => !done.has(name)).map(([name, value]) => lineOf(name, value))
  if (more.length === 0) return lines.join('\n')
  // The last piece is what follows the last line break: an unfinished line, or nothing.
  const last = lines.at(-1) === '' || lines.length === 0 ? [] : lines.slice(-1)
  return [...lines.slice(0, -1), ...last, ...more, ''].join('\n')
}

function lineOf(name: string, value: string): string {
  return `export ${name}=${inQuotes(value)}`
}

const EXPORT = /^export (PRESENCE_\w+|BD_ACTOR)=('(?:[^']|'\\'')*'|"[^"]*"|[^\s'"]*)\s*$/
/** The variables that an earlier version exported. Others of presence's variables are the user's own. */
const EARLIER: readonly string[] = ['PRESENCE_SESSION_ID', 'PRESENCE_HOOK_SESSION_ID']

/**
 * Says of a line which variable an earlier start exported with it, if it did. BD_ACTOR is the tracker's, and others
 * may export it: it is ours if it has the value of our id.
 */
function ownLines(text: string, exported: readonly string[]): (line: string) => string | undefined {
  const names = new Set([...EARLIER, ...exported.filter(name => name !== 'BD_ACTOR')])
  const found = text.split('\n').map(line => EXPORT.exec(line))
  const ids = new Set(found.flatMap(each => (each && names.has(each[1] ?? '') ? [each[2]] : [])))
  return line => {
    const [, name, value] = EXPORT.exec(line) ?? []
    if (name === undefined) return undefined
    return names.has(name) || (name === 'BD_ACTOR' && ids.has(value)) ? name : undefined
  }
}
