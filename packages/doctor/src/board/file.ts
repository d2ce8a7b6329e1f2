import { isFault } from '@presence/core'
import type { FileContent, FileFacts, SchemaProgress } from '@presence/core/internal'
import { broken, brokenBy, type Finding, findingsOn, note, ok } from '../finding.ts'
import { judgeRoom } from './room.ts'
import { judgeSchema } from './schema.ts'
import { judgeSharing } from './sharing.ts'

const MIB = 1024 * 1024
/** A claim takes a few hundred bytes, but SQLite's log next to the file grows by whole pages. */
const FREE_BYTES_MIN = MIB
const FREE_BYTES_FEW = 64 * MIB
const OWN_FILE = 'give the board a file of its own: sqlite:/path/board.db'

/** Judges a board's file: whether it can be used, and everything that the board depends on there. */
export function judgeFile(file: string, facts: FileFacts): readonly Finding[] {
  const { size, folder, freeBytes, content } = facts
  return once([
    size === undefined
      ? ok('board', `SQLite: ${file} is not there yet; the first claim makes it`)
      : ok('board', `SQLite ${process.versions['sqlite'] ?? ''}: ${file}, ${sizeOf(size)}`),
    judgeWritable(facts),
    ...findingsOn('disk', freeBytes, value => judgeDisk(value, folder)),
    ...(content === undefined ? [] : judgeContent(file, content)),
    ok('clock', "the database uses this host's clock"),
  ])
}

/** Reports a reason why nothing in the file can be read only once. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ status, message }) => {
    if (status !== 'broken' || !seen.has(message)) return seen.add(message)
    return false
  })
}

function judgeContent(file: string, content: FileContent): readonly Finding[] {
  const { damage, journal, schema, tables, room } = content
  const isBoard = 'value' in tables && tables.value.includes('presence_claims')
  return [
    ...findingsOn('integrity', damage, value => judgeDamage(file, value)),
    ...findingsOn('journal', journal, judgeJournal),
    ...findingsOn('schema', schema, value => judgeFileSchema(value, isBoard)),
    ...(isBoard ? findingsOn('room', room, judgeRoom) : []),
    ...findingsOn('sharing', tables, value => judgeSharing('file', '', value, OWN_FILE)),
  ]
}

/** An older file is no problem, because the next command that uses it brings it up to date. */
function judgeFileSchema(progress: SchemaProgress, isBoard: boolean): Finding {
  const { present, pending, unknown, missing } = progress
  if (unknown.length > 0 || missing.length > 0 || pending.length === 0) return judgeSchema(progress, isBoard)
  const has = present.length === 0 ? 'no tables yet' : `older: lacks ${pending.join(', ')}`
  return ok('schema', `${has}; the next command brings it up to date`)
}

function judgeWritable({ writable, folder, size }: FileFacts): Finding {
  if ('value' in writable) return ok('writable', size === undefined ? `you can write to ${folder}` : 'yes')
  if (isFault(writable.fault) && writable.fault.code === 'busy')
    return note('writable', 'another process writes to it now', writable.fault.remedy)
  return brokenBy('writable', writable.fault)
}

function judgeDisk(freeBytes: number, folder: string): Finding {
  const message = `${sizeOf(freeBytes)} free in ${folder}`
  const remedy = 'free some room, or name another board with --dsn'
  if (freeBytes < FREE_BYTES_MIN) return broken('disk', message, remedy)
  return freeBytes < FREE_BYTES_FEW ? note('disk', message, remedy) : ok('disk', message)
}

function judgeDamage(file: string, damage: readonly string[] | undefined): Finding {
  if (damage === undefined)
    return note(
      'integrity',
      'not checked: the file is too big to check here',
      `run: sqlite3 ${file} "PRAGMA quick_check"`,
    )
  if (damage.length === 0) return ok('integrity', 'the file is intact')
  return broken(
    'integrity',
    `the file is damaged: ${damage.join('; ')}`,
    'move the file away and keep it: a new board starts empty, without claims, messages, work and history',
  )
}

/**
 * Every command asks for WAL. On a file system without shared memory (a network mount) the journal mode stays
 * unchanged.
 */
function judgeJournal(mode: string): Finding {
  if (mode === 'wal') return ok('journal', 'WAL')
  return note(
    'journal',
    `${mode}: readers and a writer block each other`,
    'put the board on a local disk; the next command then sets WAL',
  )
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < MIB) return `${Math.round(bytes / 1024)} KiB`
  return bytes < 1024 * MIB ? `${Math.round(bytes / MIB)} MiB` : `${Math.round(bytes / (1024 * MIB))} GiB`
}
