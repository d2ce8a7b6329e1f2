import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Environment, PresenceError } from '@presence/core'
import { checkoutTop, replaceFile } from '@presence/core/internal'
import { WIRING_AGENTS, type WiringAgent, type WiringOptions } from './agents.ts'
import { filesOfRules, withRules } from './rules.ts'
import { withHandlers } from './settings.ts'
import { hasAnotherStatusLine, withStatusLine } from './status-line.ts'

/** A file with its new content. */
export interface WiredFile {
  readonly path: string
  readonly text: string
  readonly changed: boolean
  /** The requested changes that were not made, and why. */
  readonly notes: readonly string[]
}

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
): readonly WiredFile[] {
  const base = options.user ? env['HOME'] || homedir() : projectTop(cwd)
  const settings = join(base, agent.settings)
  const wired = options.remove ? [] : agent.wired(options)
  const rules = options.user ? agent.userRules : agent.rules
  // Codex and Cursor read one file: the rules stay as long as one of them is wired.
  const others = WIRING_AGENTS.filter(
    each => each.name !== agent.name && (options.user ? each.userRules : each.rules) === rules,
  )
  const shared = options.remove && others.some(each => isWired(join(base, each.settings)))
  return [
    edited(
      settings,
      text =>
        options.remove && text === ''
          ? ''
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
    ),
    ...(rules === undefined || shared
      ? []
      : [edited(join(base, rules), text => withRules(text, join(base, rules), !options.remove))]),
  ]
}

/** The project's files of rules, with ours in them or, with `remove`, without them. */
export function filesWithRules(remove: boolean, cwd: string): readonly WiredFile[] {
  const top = projectTop(cwd)
  return filesOfRules(name => existsSync(join(top, name)), !remove).map(name => {
    const path = join(top, name)
    return edited(path, text => withRules(text, path, !remove))
  })
}

/**
 * Writes a file in one step. A link stays a link, and a file that would be empty is deleted.
 * @throws PresenceError `not_writable`
 */
export function writeFile({ path, text, changed }: WiredFile): void {
  if (!changed) return
  try {
    // A link stays, because it was there before: the file that it leads to is emptied.
    if (/^\s*(\{\s*\}\s*)?$/.test(text) && !isLink(path)) {
      rmSync(path, { force: true })
      return
    }
    mkdirSync(dirname(path), { recursive: true })
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

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

/** @throws PresenceError `invalid_config` if decoding and encoding the bytes would change them */
function textOf(path: string): string {
  const bytes = readFileSync(path)
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) return text
  throw new PresenceError(
    'invalid_config',
    `${path} is not in UTF-8`,
    'write it in UTF-8, or move it out of the way',
  )
}

/**
 * True if a settings file contains a hook of ours. Only searches the text, because the file may be broken.
 */
function isWired(settings: string): boolean {
  return existsSync(settings) && /\bpresence(-hook| hook) /.test(readFileSync(settings, 'utf8'))
}

/** A file as an edit leaves it. */
export function edited(
  path: string,
  edit: (text: string) => string,
  notesOn: (after: string) => readonly string[] = () => [],
): WiredFile {
  const text = existsSync(path) ? textOf(path) : ''
  const after = edit(text)
  return { path, text: after, changed: after !== text, notes: notesOn(after) }
}

/** The folder that a project's settings belong to. */
export function projectTop(cwd: string): string {
  return checkoutTop(cwd) ?? cwd
}
