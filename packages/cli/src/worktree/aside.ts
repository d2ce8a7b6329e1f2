import { readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { oneLine, PresenceError, WORKTREES } from '@presence/core'
import { shellWord } from '../ui/shell.ts'
import { folderOf, isThere, type Repository, type Worktree, worktreesOf } from './repository.ts'

/**
 * A worktree's folder during its removal, moved to another name so that nothing is written into it by its
 * path.
 */
export interface Aside {
  /** The worktree with its original path. */
  readonly from: Worktree
  /** The same worktree, with the folder's present path. */
  readonly worktree: Worktree
  /**
   * False if it stayed in place: overlayfs doesn't move a folder of a lower layer, such as a container
   * image's.
   */
  readonly isMoved: boolean
}

/**
 * The name begins with a dot, which no role's name does. The folder stays beside the others, so that relative
 * paths in it remain valid.
 */
function asideOf({ path }: Worktree): string {
  return join(dirname(path), `.${basename(path)}-removed-${Date.now()}`)
}

function roleOf(name: string): string | undefined {
  return /^\.(.+)-removed-\d+$/.exec(name)?.[1]
}

/** @throws PresenceError if it can't be moved; it is still in its place */
export function moveAside(worktree: Worktree): Aside {
  const { path } = worktree
  const to = asideOf(worktree)
  try {
    renameSync(path, to)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EXDEV') return { from: worktree, worktree, isMoved: false }
    throw new PresenceError(
      'not_writable',
      `${path} can't be moved (${(cause as NodeJS.ErrnoException).code}), and so it can't be removed`,
      `find out what keeps it there, or make ${dirname(path)} writable for you`,
      { cause },
    )
  }
  return { from: worktree, worktree: { ...worktree, path: to }, isMoved: true }
}

/**
 * Restores git's note of where the folder is. A command run meanwhile (`git worktree repair`, or any command
 * of an older git) may have written the temporary path into the repository.
 */
export function keepNote({ from: { path, admin = '' } }: Aside): void {
  const [note, file] = [join(admin, 'gitdir'), join(path, '.git')]
  if (resolve(admin, readFileSync(note, 'utf8').trim()) !== file) writeFileSync(note, `${file}\n`)
}

/**
 * Moves a folder back to where it was.
 * @returns why that failed, in words; undefined if it worked
 */
export function putBack(aside: Aside): string | undefined {
  const { from, worktree, isMoved } = aside
  if (!isMoved) return undefined
  try {
    renameSync(worktree.path, from.path)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code
    return `its folder is now ${worktree.path} (moving it back failed: ${why}): mv ${shellWord(worktree.path)} ${shellWord(from.path)}`
  }
  try {
    keepNote(aside)
  } catch {
    // The repository's part of the worktree is damaged or gone: its state shows that.
  }
  return undefined
}

/**
 * Deletes a folder with everything in it.
 * @returns what is left of it, in words; undefined if nothing is
 */
export async function deleteFolder(path: string): Promise<string | undefined> {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const complaint = await new Promise<string>(done => {
    const child = spawn('rm', ['-rf', '--', path], {
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C', LANGUAGE: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', chunk => {
      if (said.length < 1_000) said += chunk
    })
    child.on('error', error => done(error.message))
    child.on('close', () => done(said.split('\n')[0] ?? ''))
  })
  return isThere(path) ? `${path} (${oneLine(complaint)})` : undefined
}

/** A folder that a removal moved aside and did not delete. */
export interface Leftover {
  readonly role: string
  readonly path: string
}

/**
 * What removals left behind, of one role or of all. This includes the folder of a removal that is still
 * running.
 */
export function leftovers({ main }: Repository, role?: string): readonly Leftover[] {
  let names: readonly string[] = []
  try {
    names = readdirSync(join(main, WORKTREES))
  } catch {
    // There are no worktrees of roles.
  }
  return names.flatMap(name => {
    const whose = roleOf(name)
    if (whose === undefined || (role !== undefined && whose !== role)) return []
    return [{ role: whose, path: join(main, WORKTREES, name) }]
  })
}

/**
 * Restores a role's worktree if a removal was killed after it moved the folder aside and before it removed
 * the worktree from the repository. The caller holds the repository's lock.
 *
 * @returns notes on what was done, and on what remains
 */
export async function recover(repository: Repository, role: string): Promise<readonly string[]> {
  const path = folderOf(repository, role)
  const notes: string[] = []
  for (const { path: left } of leftovers(repository, role)) {
    const known = (await worktreesOf(repository)).find(each => each.path === path || each.path === left)
    const isIts = known?.admin !== undefined && leadsTo(left, known.admin)
    const worktree = isIts ? { ...known, path: left } : undefined
    const why = worktree && putBack({ from: { ...worktree, path }, worktree, isMoved: true })
    const note =
      worktree && why === undefined
        ? `${path} is back: an interrupted removal had moved it aside`
        : `files that an earlier removal left are in ${left}${why ? `: ${why}` : `; if you don't need them: rm -r ${shellWord(left)}`}`
    notes.push(oneLine(note))
  }
  return notes
}

/** True if a folder's `.git` file points to this part of the repository. */
function leadsTo(folder: string, admin: string): boolean {
  try {
    const target = /^gitdir: (.+)$/m.exec(readFileSync(join(folder, '.git'), 'utf8'))?.[1]
    return target !== undefined && realpathSync(resolve(folder, target)) === realpathSync(admin)
  } catch {
    return false
  }
}
