import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { checkoutOf, checkoutTop, fnv1a, oneLine } from '@presence/core/internal'

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The tracker of the project: its program, and its folder at the project's root. */
export interface Tracker {
  readonly program: string
  readonly folder: string
}

/** Undefined if there is no `bd` on PATH, or no tracker at the project's root. */
export function findTracker(env: Environment, cwd: string): Tracker | undefined {
  const folder = folderFor(env, cwd)
  if (!existsSync(folder)) return undefined
  const program = (env['PATH'] ?? '')
    .split(delimiter)
    // A relative folder would be another one where the tracker is asked.
    .filter(isAbsolute)
    .map(at => join(at, 'bd'))
    .find(isProgram)
  return program === undefined ? undefined : { program, folder }
}

/** Why `findTracker` finds no tracker, and what to do. */
export function whyNoTracker(
  env: Environment,
  cwd: string,
): { readonly message: string; readonly remedy: string } {
  const folder = folderFor(env, cwd)
  return existsSync(folder)
    ? {
        message: 'there is no tracker here: bd is not on PATH',
        remedy: 'install bd, or add its folder to PATH',
      }
    : {
        message: `there is no tracker here: ${oneLine(dirname(folder))} has no .beads`,
        remedy: 'run this in a project that has a tracker, or run: bd init',
      }
}

function folderFor(env: Environment, cwd: string): string {
  const top = checkoutTop(cwd)
  const main = top && mainOf(top)
  if (main && existsSync(join(main, '.beads'))) return join(main, '.beads')
  // CLAUDE_PROJECT_DIR is only a fallback: an agent that was started in a subfolder of the checkout sets it
  // to that subfolder.
  return join(top ?? (env['CLAUDE_PROJECT_DIR'] || cwd), '.beads')
}

/**
 * The main worktree of a linked one: all worktrees share its tracker, as in bd itself. Git checks a tracked `.beads`
 * out in each of them, but without the database. Undefined for a main worktree and for a submodule.
 */
function mainOf(top: string): string | undefined {
  if (statSync(join(top, '.git'), { throwIfNoEntry: false })?.isFile() !== true) return undefined
  const checkout = checkoutOf(top)
  return checkout?.top === realpathSync(top) ? checkout.main : undefined
}

/** The files in the tracker's folder that say which database bd reads. */
const FILES = ['metadata.json', 'config.yaml', 'redirect']
/** The variables that say it. A password decides nothing and is left out. */
const DECIDES = /^(BEADS_D|BD_DB)(?!.*PASSWORD)/

/**
 * Which tracker's tasks a folder shows. It differs after the folder was replaced by another project's, and after the
 * tracker was pointed to another database.
 */
export function identityOf({ folder }: Tracker, env: Environment): string {
  const { dev, ino } = statSync(folder)
  const decides = [
    ...FILES.map(name => smallText(join(folder, name))),
    ...Object.keys(env)
      .filter(name => DECIDES.test(name))
      .sort()
      .map(name => `${name}=${env[name]}`),
  ]
  // A hash, because bd's config may contain tokens.
  return [realpathSync(folder), dev, ino, hashOf(JSON.stringify(decides))].join(' ')
}

/** The tracker's folder is at the project's root. */
export function rootOf({ folder }: Tracker): string {
  return dirname(folder)
}

export function hashOf(text: string): string {
  return `${fnv1a(text)}${fnv1a(text, 0x1234567)}`
}

/** They may belong to a colleague who shares the tracker. Empty for anything but a small file. */
function smallText(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found?.isFile() && found.size <= 65_536 ? readFileSync(file, 'utf8') : ''
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
