import { readdirSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { PresenceError } from '../domain/fault.ts'
import { fnv1a } from '../domain/fnv.ts'
import { objectIn } from '../domain/object.ts'
import { configFolder, type Environment } from './folders.ts'
import { inMainWorktree } from './linked-worktree.ts'
import { makeFolder } from './make-folder.ts'
import { readOpened } from './read-bounded.ts'
import { realPath } from './real-path.ts'
import { replaceFile } from './replace-file.ts'

/** What this user trusts. The fields are those of a config file that decide where claims and secrets go. */
export interface Trusted {
  /** The real path of the project's folder; empty for the user's own settings of an agent. */
  readonly project: string
  readonly fields: Fields
}

export type Fields = Readonly<Record<string, unknown>>

interface Stored extends Trusted {
  /** The file that says so. */
  readonly path: string
}

/** A field may be a whole certificate's hash or a long list, but not more. */
const BYTES_MAX = 1 << 20
const ALL_PROJECTS = ''

/**
 * The folder with one file for each thing that is trusted. It is not in the state folder: a sandbox may let an
 * agent write there, because the embedded board is there.
 */
export function trustedFolder(env: Environment): string {
  return join(configFolder(env), 'trusted')
}

/**
 * Whether this user trusts what these fields say in a project. What is trusted in the main worktree is trusted
 * in the linked ones.
 *
 * @param onIgnored called with the reason if a file says so and doesn't count, because others may have written
 *   it
 */
export function isStored(
  project: string,
  fields: Fields,
  env: Environment,
  onIgnored: (reason: string) => void = () => {},
): boolean {
  if (isStoredFor(realPath(project), fields, env, onIgnored)) return true
  const main = inMainWorktree(project)
  if (main === undefined || !isStoredFor(main, fields, env, onIgnored)) return false
  // Trust in what others may change is trust in these others, so not in those of a folder with another owner.
  return fields['others'] !== true || ownerOf(main) === ownerOf(project)
}

/** Whether the user's own settings, for all projects, say so. */
export function isStoredForAll(fields: Fields, env: Environment): boolean {
  return isStoredFor(ALL_PROJECTS, fields, env, () => {})
}

/**
 * Stores that this user trusts what these fields say in a project.
 *
 * @param project undefined for all projects
 * @throws PresenceError `not_writable`
 */
export function store(project: string | undefined, fields: Fields, env: Environment): void {
  const trusted = { project: project === undefined ? ALL_PROJECTS : realPath(project), fields }
  const path = pathOf(trusted, env)
  try {
    makeFolder(trustedFolder(env))
    replaceFile(path, textOf(trusted), { mode: 0o600, flush: true })
  } catch (error) {
    throw new PresenceError(
      'not_writable',
      `${path} can't be written (${(error as NodeJS.ErrnoException).code})`,
      'make its folder writable for you',
      { cause: error },
    )
  }
}

/** Everything that this user trusts, in the order of the projects' names. */
export function allStored(env: Environment): readonly Stored[] {
  const found = namesIn(trustedFolder(env)).flatMap(name => readAt(join(trustedFolder(env), name)) ?? [])
  return found.toSorted((a, b) => (a.project < b.project ? -1 : a.project > b.project ? 1 : 0))
}

/**
 * Ends this user's trust in a project.
 *
 * @param project undefined for all projects
 * @param which which of what is trusted there
 * @returns what was trusted
 */
export function forget(
  project: string | undefined,
  env: Environment,
  which: (trusted: Trusted) => boolean = () => true,
): readonly Stored[] {
  const folders =
    project === undefined ? [ALL_PROJECTS] : [realPath(project), project, inMainWorktree(project)]
  const gone = allStored(env).filter(each => folders.includes(each.project) && which(each))
  for (const { path } of gone) rmSync(path, { force: true })
  return gone
}

function ownerOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.uid
}

function isStoredFor(
  project: string,
  fields: Fields,
  env: Environment,
  onIgnored: (reason: string) => void,
): boolean {
  const path = pathOf({ project, fields }, env)
  try {
    const { text, stat } = readOpened(path, BYTES_MAX)
    const uid = process.geteuid?.()
    const isOwn = uid === undefined || stat.uid === uid || stat.uid === 0
    if (isOwn && (stat.mode & 0o022) === 0) return text === textOf({ project, fields })
    onIgnored(`${path} doesn't count, because others may have written it`)
  } catch {
    // Usually there is no such file. One that can't be read says nothing.
  }
  return false
}

/** The name tells the project; the numbers tell apart what is trusted. The text decides, not the name. */
function pathOf(trusted: Trusted, env: Environment): string {
  const text = textOf(trusted)
  const name =
    basename(trusted.project)
      .replaceAll(/[^\w.-]/g, '_')
      .slice(0, 60) || 'all'
  return join(trustedFolder(env), `${name}-${fnv1a(text, 0x811c9dc5)}${fnv1a(text, 0x1234567)}.json`)
}

function textOf({ project, fields }: Trusted): string {
  return `${JSON.stringify({ project, fields }, null, 2)}\n`
}

function readAt(path: string): Stored | undefined {
  try {
    const { project, fields } = objectIn(readOpened(path, BYTES_MAX).text) ?? {}
    const isTrusted = typeof project === 'string' && typeof fields === 'object' && fields !== null
    return isTrusted ? { path, project, fields: fields as Fields } : undefined
  } catch {
    return undefined
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.json'))
  } catch {
    return []
  }
}
