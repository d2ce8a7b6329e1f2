import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isFault, writeConfig } from '@presence/core'
import { allStored, configFolder, forget, oneLine, resolveBoard } from '@presence/core/internal'
import { printFault } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { putText, readText } from '../wiring/wire.ts'
import { Unanswered } from './consent.ts'
import { shownWhileTyped } from './hidden.ts'
import { markOf, type SetupRecord } from './record.ts'
import { missingFolders } from './replace-all.ts'

/** The address of a board, and the config file that it goes into. */
export interface BoardPlan {
  readonly dsn: string
  /** Without its password. */
  readonly shown: string
  readonly path: string
  readonly changed: boolean
}

/** @throws PresenceError if this address can't be written there, such as one with a password into a project's file */
export async function planBoard(dsn: string, user: boolean, { env, cwd }: Io): Promise<BoardPlan> {
  const { path, text, changed } = await writeConfig({ dsn, user, dryRun: true, env, cwd })
  return { dsn, shown: String((JSON.parse(text) as { dsn?: unknown }).dsn), path, changed }
}

/** Which board is used here now, and which setting says so; the fault if it can't be used. */
export async function boardHere({ env, cwd }: Io) {
  try {
    const { dsn, from } = await resolveBoard(undefined, env, cwd)
    return { shown: oneLine(dsn.shown), from }
  } catch (error) {
    if (isFault(error)) return { fault: error }
    throw error
  }
}

/**
 * Asks for the address of a shared board, until it can be written or the answer is empty.
 * @returns undefined for the board that is used already
 * @throws Unanswered
 */
export async function askForBoard(user: boolean, own: string, globals: Globals, io: Io) {
  io.err(`presence: the board is a file of your own: ${own}. A team shares a board on a server.`)
  io.err('presence: type the DSN of the shared board; Enter alone keeps your own')
  for (;;) {
    const said = await io.askLine('presence: DSN: ', shownWhileTyped)
    if (said === null) throw new Unanswered()
    if (said === undefined || said.trim() === '') return undefined
    try {
      return await planBoard(said.trim(), user, io)
    } catch (error) {
      printFault(error, { ...globals, json: false }, io, true, { isBeside: true })
    }
  }
}

/**
 * Writes the address, and remembers how the config file was before.
 * @returns what to know about it
 * @throws PresenceError
 */
export async function writeBoard(
  { dsn, path }: BoardPlan,
  user: boolean,
  record: SetupRecord,
  { env, cwd }: Io,
): Promise<readonly string[]> {
  const before = readText(path)
  const earlier = record.original(path, before)
  const folders = [path, join(configFolder(env), 'trusted/x')].flatMap(missingFolders)
  const trustedBefore = allStored(env).map(textOf)
  const { behind, replaces, untrusted } = await writeConfig({ dsn, user, env, cwd })
  const trusted = allStored(env)
    .map(textOf)
    .filter(each => !trustedBefore.includes(each))
  const after = readText(path) ?? ''
  record.keep(path, earlier === undefined ? (before ?? null) : earlier, after)
  const allTrusted = [...(record.board?.trusted ?? []), ...trusted]
  record.keepBoard({ path, dsn: markOf(dsnIn(after) ?? ''), trusted: allTrusted }, folders)
  return [
    ...behind.map(each => `${each} takes precedence over ${path} here`),
    ...(replaces === undefined
      ? []
      : [`in this linked worktree it replaces ${replaces}, which the main worktree still uses`]),
    ...(untrusted
      ? [`not used yet: ${oneLine(untrusted.message)}; to fix it: ${oneLine(untrusted.remedy)}`]
      : []),
  ]
}

/**
 * The config file without the address that setup wrote: as it was before, or edited if it has changed since.
 * Undefined if setup wrote none, or the file names another board now.
 */
export function withoutBoard(
  record: SetupRecord,
): { readonly path: string; readonly text: string | undefined } | undefined {
  const { board } = record
  if (board === undefined || !existsSync(board.path)) return undefined
  const now = readText(board.path)
  const original = record.original(board.path, now)
  if (original !== undefined) return { path: board.path, text: original ?? undefined }
  if (now === undefined || markOf(dsnIn(now) ?? '') !== board.dsn) return undefined
  const { dsn: _dsn, ...rest } = JSON.parse(now) as Record<string, unknown>
  return { path: board.path, text: `${JSON.stringify(rest, null, 2)}\n` }
}

/** Takes the address out again, and the trust that was given with it. */
export function removeBoard(
  { path, text }: { readonly path: string; readonly text: string | undefined },
  project: string | undefined,
  record: SetupRecord,
  { env }: Io,
): void {
  putText(path, text)
  const trusted = record.board?.trusted ?? []
  forget(project, env, each => trusted.includes(textOf(each)))
  record.forget(path)
  record.keepBoard(undefined)
}

function textOf({ project, fields }: { readonly project: string; readonly fields: object }): string {
  return JSON.stringify([project, fields])
}

function dsnIn(text: string): string | undefined {
  try {
    const { dsn } = JSON.parse(text.replace(/^\ufeff/, '')) as { dsn?: unknown }
    return typeof dsn === 'string' ? dsn : undefined
  } catch {
    return undefined
  }
}
