import { existsSync, lstatSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Environment, PresenceError } from '@presence/core'
import {
  checkoutTop,
  demandInside,
  knownRoles,
  makeFolder,
  readBoundedBytes,
  replaceFile,
} from '@presence/core/internal'
import { WIRING_AGENTS, type WiringAgent, type WiringOptions } from './agents.ts'
import { optionsIn } from './options-in.ts'
import { filesOfRules, withRules } from './rules.ts'
import { withHandlers } from './settings.ts'
import { hasAnotherStatusLine, withStatusLine } from './status-line.ts'
import { requireUserFile } from './user-folder.ts'

/** A file with its new content. */
export interface WiredFile {
  readonly path: string
  readonly text: string
  readonly changed: boolean
  /** The requested changes that were not made, and why. */
  readonly notes: readonly string[]
}

/** How the text of a file is found; undefined if there is no such file. */
export type ReadText = (path: string) => string | undefined

/**
 * The files that wire an agent's hooks, with our part in them or, with `remove`, without it: its settings,
 * and its rules.
 *
 * @throws PresenceError `invalid_config` if the settings can't be edited
 */
export function wiredFiles(
  agent: WiringAgent,
  options: WiringOptions & { readonly remove: boolean },
  env: Environment,
  cwd: string,
  read: ReadText = readerOf(options.user, cwd),
): readonly WiredFile[] {
  const pathOf = (of: WiringAgent, path: string) => placeOf(of, path, options.user, env, cwd)
  const settings = pathOf(agent, agent.settings)
  const wired = options.remove ? [] : agent.wired(options)
  const rules = options.user ? agent.userRules : agent.rules
  // Codex and Cursor read one file: the rules stay as long as one of them is wired.
  const others = WIRING_AGENTS.filter(
    each => each.name !== agent.name && (options.user ? each.userRules : each.rules) === rules,
  )
  // Your own rules are for all projects, also those without roles.
  const hasRoles = !options.user && !options.remove && isWithRoles(cwd, env)
  const shared = options.remove && others.some(each => isWired(pathOf(each, each.settings), read))
  return [
    edited(
      settings,
      text =>
        options.remove && text.trim() === ''
          ? text
          : withStatusLine(
              withHandlers(text, settings, wired, agent.besides),
              options.statusLine && !options.remove,
            ),
      text =>
        options.statusLine && hasAnotherStatusLine(text)
          ? [
              `${settings} has another status line, which stays; to show the board too, call presence statusline in its command`,
            ]
          : [],
      read,
    ),
    ...(rules === undefined || shared
      ? []
      : [
          edited(
            pathOf(agent, rules),
            text => withRules(text, pathOf(agent, rules), !options.remove, hasRoles),
            undefined,
            read,
          ),
        ]),
  ]
}

/**
 * The guard that an agent's settings have already, or else the default.
 *
 * @throws PresenceError `invalid_config` if they can't be read
 */
export function guardIn(
  agent: WiringAgent,
  user: boolean,
  env: Environment,
  cwd: string,
): Pick<WiringOptions, 'guard' | 'viaMcp'> {
  const settings = placeOf(agent, agent.settings, user, env, cwd)
  return optionsIn(readerOf(user, cwd)(settings) ?? '')
}

/** Where a file of an agent is: in the project, or among the user's own files. */
export function placeOf(
  { name }: WiringAgent,
  path: string,
  user: boolean,
  env: Environment,
  cwd: string,
): string {
  return user ? requireUserFile(name, path, env, cwd) : join(projectTop(cwd), path)
}

/**
 * Reads the files that an edit then writes: a project's file must not lead out of the project. The user's own files may
 * be links to anywhere.
 */
export function readerOf(user: boolean, cwd: string): ReadText {
  return path => {
    const text = readText(path)
    if (!user) demandInside(projectTop(cwd), path)
    return text
  }
}

/** The project's files of rules, with ours in them or, with `remove`, without them. */
export function filesWithRules(remove: boolean, env: Environment, cwd: string): readonly WiredFile[] {
  const top = projectTop(cwd)
  const hasRoles = !remove && isWithRoles(cwd, env)
  return filesOfRules(name => existsSync(join(top, name)), !remove).map(name => {
    const path = join(top, name)
    return edited(path, text => withRules(text, path, !remove, hasRoles), undefined, readerOf(false, cwd))
  })
}

/** True if the project has roles, whose sessions need more rules. */
function isWithRoles(cwd: string, env: Environment): boolean {
  return Object.keys(knownRoles(cwd, env).roles ?? {}).length > 0
}

/**
 * Writes a file in one step. A link stays a link, and a file that would be empty is deleted.
 * @throws PresenceError `not_writable`
 */
export function writeFile({ path, text, changed }: Omit<WiredFile, 'notes'>): void {
  if (changed) putText(path, isDeleted(path, text) ? undefined : text)
}

/**
 * Gives a file this text in one step, or deletes it if there is none.
 * @throws PresenceError `not_writable`
 */
export function putText(path: string, text: string | undefined): void {
  try {
    if (text === undefined) {
      rmSync(path, { force: true })
      return
    }
    makeFolder(dirname(path), 0o777)
    replaceFile(path, text)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new PresenceError(
      'not_writable',
      `${path} can't be written (${code})`,
      'make it writable for you',
      { cause },
    )
  }
}

/** What was done to a file, in a few words. */
export function doneTo(
  { path, text, changed }: Omit<WiredFile, 'notes'>,
  { remove }: { readonly remove: boolean },
): string {
  if (!changed) return `nothing to do in ${path}`
  if (!remove) return `wrote ${path}`
  return isDeleted(path, text) ? `removed ${path}` : `removed presence's part of ${path}`
}

/**
 * True if a file with this text is deleted. A link stays, because it was there before: the file that it leads to is
 * emptied.
 */
export function isDeleted(path: string, text: string): boolean {
  return /^\s*(\{\s*\}\s*)?$/.test(text) && !isLink(path)
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

/**
 * The text of a file, or undefined if there is none.
 * @throws PresenceError `invalid_config` if it can't be read, or if decoding and encoding its bytes would change them
 */
export function readText(path: string): string | undefined {
  const bytes = bytesOf(path)
  const text = bytes?.toString('utf8')
  if (bytes === undefined || text === undefined || Buffer.from(text).equals(bytes)) return text
  throw new PresenceError(
    'invalid_config',
    `${path} is not in UTF-8`,
    'write it in UTF-8, or move it out of the way',
  )
}

/** Settings and rules that agents read are far smaller, in bytes. */
const BYTES_MAX = 4 * 1024 * 1024

/**
 * The bytes of a file, or undefined if there is none.
 * @throws PresenceError `invalid_config` if it can't be read, is larger than 4 MB, or is a pipe, a device or a folder
 */
export function bytesOf(path: string): Buffer | undefined {
  try {
    return readBoundedBytes(path, BYTES_MAX).bytes
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' && !isLink(path)) return undefined
    const problem = problemOf(code)
    throw new PresenceError(
      'invalid_config',
      `${path} ${problem}`,
      'make it a file that you can read, or move it out of the way',
      { cause },
    )
  }
}

function problemOf(code: string | undefined): string {
  if (code === 'ENOENT') return 'is a link to a file that is missing'
  // A socket can't even be opened.
  if (code === 'not a regular file' || code === 'ENXIO') return 'is not a regular file'
  return code?.startsWith('larger than')
    ? `is larger than ${BYTES_MAX / 1024 / 1024} MB`
    : `can't be read (${code})`
}

/**
 * True if a settings file contains a hook of ours. Only searches the text, because the file may be broken. One that
 * can't be read may contain one.
 */
function isWired(settings: string, read: ReadText): boolean {
  try {
    return /\bpresence(-hook| hook) /.test(read(settings) ?? '')
  } catch {
    return true
  }
}

/** A file as an edit leaves it. */
export function edited(
  path: string,
  edit: (text: string) => string,
  notesOn: (after: string) => readonly string[] = () => [],
  read: ReadText,
): WiredFile {
  const text = read(path) ?? ''
  const after = edit(text)
  return { path, text: after, changed: after !== text, notes: notesOn(after) }
}

/** The folder that a project's settings belong to. */
export function projectTop(cwd: string): string {
  return checkoutTop(cwd) ?? cwd
}
