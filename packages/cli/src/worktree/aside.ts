import { readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { oneLine, PresenceError, WORKTREES } from '@presence/core'
import { shellWord } from '../ui/shell.ts'
import { folderOf, isThere, type Repository, type Worktree, worktreesOf } from './repository.ts'

/** A worktree's folder while it is removed: under another name, so that nothing is written into it by its path. */
export interface Aside {
  /** The worktree as it was. */
  readonly from: Worktree
  /** The same, where its folder is now. */
  readonly worktree: Worktree
  /** An overlay moves no folder that is in a lower layer: an image's. */
  readonly isMoved: boolean
}

/** No role begins with a dot. Beside the others, so that what is relative in it stays true. */
function asideOf({ path }: Worktree): string {
  return join(dirname(path), `.${basename(path)}-removed-${Date.now()}`)
}

function roleOf(name: string): string | undefined {
  return /^\.(.+)-removed-\d+$/.exec(name)?.[1]
}

/** @throws PresenceError where it can't be moved: it is where it was */
export function moveAside(worktree: Worktree): Aside {
  const { path } = worktree
  const to = asideOf(worktree)
  try {
    renameSync(path, to)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EXDEV') return { from: worktree, worktree, isMoved: false }
    throw new PresenceError(
      'not_writable',
      `${path} can not be moved (${(cause as NodeJS.ErrnoException).code}), and so not be removed`,
      `look at what holds it there, or make ${dirname(path)} writable for you`,
      { cause },
    )
  }
  return { from: worktree, worktree: { ...worktree, path: to }, isMoved: true }
}

/** What somebody runs meanwhile (`git worktree repair`; an older git at any call) may have noted in the repository where the folder is. */
export function keepNote({ from: { path, admin = '' } }: Aside): void {
  const [note, file] = [join(admin, 'gitdir'), join(path, '.git')]
  if (resolve(admin, readFileSync(note, 'utf8').trim()) !== file) writeFileSync(note, `${file}\n`)
}

/** Moves a folder to where it was. @returns in words why it is not there again; undefined where it is */
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
    // The repository's part of it is damaged, or gone: whoever looks at its state sees that.
  }
  return undefined
}

/** Deletes all that is in a folder. @returns in words what is left of it; undefined where nothing is */
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

/** A folder that a removal moved aside and then did not delete. */
export interface Leftover {
  readonly role: string
  readonly path: string
}

/** What removals left, of one role or of all. One that is going on has its folder there too. */
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
 * Puts a role's worktree back that a removal, ended from outside, had moved aside and not given up: the repository still
 * knows it. Whoever calls has the repository's lock.
 *
 * @returns notes on what was done, and on what is left for good
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
        ? `${path} is there again: a removal that was ended had moved it aside`
        : `what an earlier removal left is in ${left}${why ? `: ${why}` : `; when nothing in it is needed: rm -r ${shellWord(left)}`}`
    notes.push(oneLine(note))
  }
  return notes
}

/** Does a folder say that it is the worktree that this part of the repository is of? */
function leadsTo(folder: string, admin: string): boolean {
  try {
    const target = /^gitdir: (.+)$/m.exec(readFileSync(join(folder, '.git'), 'utf8'))?.[1]
    return target !== undefined && realpathSync(resolve(folder, target)) === realpathSync(admin)
  } catch {
    return false
  }
}
