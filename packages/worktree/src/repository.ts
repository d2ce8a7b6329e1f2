import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { oneLine, shellWord } from '@presence/core/internal'
import { complaintOf, Git } from './git.ts'
import { type Refused, refuse, type Said } from './refusal.ts'

/** The first version with `git worktree list --porcelain`, `config --worktree` and the options used here. */
const GIT_MIN = [2, 30] as const

/** A repository that can contain worktrees of roles. */
export interface Repository {
  /** git in the main worktree. */
  readonly git: Git
  /** The main worktree's folder. */
  readonly main: string
  /** The folder that all worktrees share: `.git`. */
  readonly common: string
  /** Tells the user something while work is running. */
  readonly say: (line: string) => void
}

/** A worktree as the repository knows it, even if its folder is gone. */
export interface Worktree {
  readonly path: string
  /** Its own part of the repository: `.git/worktrees/<id>`; undefined for the main worktree. */
  readonly admin: string | undefined
  /** The short name of the checked-out branch; undefined if the head is detached. */
  readonly branch: string | undefined
  /** The checked-out commit; undefined before the first commit. */
  readonly head: string | undefined
  /** `gone`: the folder doesn't exist. `broken`: it exists, but no longer points to the repository. */
  readonly state: 'there' | 'gone' | 'broken'
  /** The reason of its lock: empty if none was given, undefined if it isn't locked. */
  readonly locked: string | undefined
}

/** The lock reason that git itself sets on a worktree that it is creating. */
export const BEING_MADE = 'initializing'

/**
 * The repository around a folder. Refuses one that can't have worktrees of roles.
 *
 * @param env the environment that git runs in
 * @param say tells the user something while work is running
 * @throws PresenceError `git_failed` if git can't be started
 */
export async function openRepository(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<Said<{ readonly repository: Repository }>> {
  const here = new Git(cwd, env)
  const version = await here.in('/').text(['--version'])
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  if (major < GIT_MIN[0] || (major === GIT_MIN[0] && minor < GIT_MIN[1]))
    return refuse(
      'git_too_old',
      `worktrees of roles need git ${GIT_MIN.join('.')} or newer; this is ${version.replace('git version ', '')}`,
      'install a newer git',
    )
  const asked = await here.run(['rev-parse', '--absolute-git-dir', '--git-common-dir'])
  if (asked.status !== 0)
    return refuse(
      'not_a_repository',
      `${cwd} is not in a repository that git can use: ${complaintOf(asked)}`,
      'change into the project, or make it a repository: git init, and a first commit',
    )
  const [own = '', shared = ''] = asked.stdout.split('\n')
  const common = realpathSync(resolve(cwd, shared))
  const refused = await unsuitable(here, common)
  if (refused) return refused
  const isMain = realpathSync(own) === common
  const main = basename(common) === '.git' ? dirname(common) : isMain ? await topOf(here) : undefined
  if (main !== undefined) return { ok: true, repository: { git: here.in(main), main, common, say } }
  return refuse(
    'unusual_repository',
    `the main worktree of ${common} can't be found from here`,
    'run it in the main worktree',
  )
}

/** Refuses a repository in which worktrees of roles can't be made or would not work. */
async function unsuitable(here: Git, common: string): Promise<Refused | undefined> {
  const config = async (...asked: string[]) =>
    (await here.found(['config', '--file', join(common, 'config'), ...asked])) ??
    (await here.found(['config', '--file', join(common, 'config.worktree'), ...asked]))
  if ((await config('--bool', 'core.bare')) === 'true')
    return refuse(
      'bare_repository',
      `${common} is a bare repository: it has no main worktree that could contain the worktrees of roles`,
      'clone it, and add the worktrees in the clone',
    )
  if (await here.found(['rev-parse', '--show-superproject-working-tree']))
    return refuse(
      'submodule',
      'this is a submodule: its repository belongs to the outer project, and git rewrites its settings at each submodule update',
      'add the worktree in the outer project, or in a separate clone of the submodule',
    )
  const moved = await config('core.worktree')
  if (moved !== undefined)
    return refuse(
      'unusual_repository',
      `${common} has core.worktree set (${moved}): presence turns on separate settings for each worktree, and git would then use that folder for all of them`,
      'add the worktree in a clone',
    )
  return undefined
}

async function topOf(here: Git): Promise<string | undefined> {
  const top = await here.found(['rev-parse', '--show-toplevel'])
  return top ? realpathSync(top) : undefined
}

/** All worktrees, the main one first. */
export async function worktreesOf({ git, main, common }: Repository): Promise<readonly Worktree[]> {
  const admins = adminsIn(common)
  return (await blocksOf(git)).map((lines, at) => {
    const value = (key: string) => lines.find(line => line.startsWith(`${key} `))?.slice(key.length + 1)
    const path = at === 0 ? main : (value('worktree') ?? '')
    const admin = at === 0 ? undefined : admins.get(path)
    const head = value('HEAD')
    return {
      path,
      admin,
      branch: value('branch')?.replace(/^refs\/heads\//, ''),
      head: head === undefined || /^0+$/.test(head) ? undefined : head,
      state: at === 0 ? 'there' : stateOf(path, admin),
      // Read from the file, because git lists locks only from 2.31 on.
      locked: admin === undefined ? undefined : textIn(join(admin, 'locked')),
    }
  })
}

/** Git's description of each worktree, as lines. From 2.36 on a folder's name may contain a line break. */
async function blocksOf(git: Git): Promise<readonly (readonly string[])[]> {
  const list = ['worktree', 'list', '--porcelain']
  const said = await git.found([...list, '-z'])
  const [text, end] = said === undefined ? [await git.text(list), '\n'] : [said, '\0']
  return text
    .split(`${end}${end}`)
    .map(block => block.split(end))
    .filter(([first = '']) => first.startsWith('worktree '))
}

/** Each worktree's own part of the repository, by the worktree's folder (gitrepository-layout(5)). */
function adminsIn(common: string): ReadonlyMap<string, string> {
  const folder = join(common, 'worktrees')
  return new Map(
    namesIn(folder).flatMap(id => {
      const admin = join(folder, id)
      const file = textIn(join(admin, 'gitdir'))
      // From git 2.48 on the path may be relative to the file that contains it.
      return file ? [[dirname(resolve(admin, file)), admin] as const] : []
    }),
  )
}

function stateOf(path: string, admin: string | undefined): Worktree['state'] {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 'gone'
  // Removing a link would remove nothing from the folder that it points to.
  if (!found.isDirectory()) return 'broken'
  const target = /^gitdir: (.+)$/m.exec(textIn(join(path, '.git')) ?? '')?.[1]
  if (target === undefined || admin === undefined) return 'broken'
  try {
    return realpathSync(resolve(path, target)) === realpathSync(admin) ? 'there' : 'broken'
  } catch {
    return 'broken'
  }
}

/** True if the name exists, even as a link to nothing. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** The names in a folder; none if it can't be read, for example because it doesn't exist. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** The reason of the lock, if one was given. */
export function reasonOf({ locked }: Worktree): string {
  return locked ? ` (${oneLine(locked)})` : ''
}

/** The refusal for a worktree whose folder and repository don't point to each other. */
export function brokenWorktree({ path, admin }: Worktree): Refused {
  const repair = `git worktree repair${admin === undefined ? ` ${shellWord(path)}` : ''}`
  return refuse(
    'broken_worktree',
    `the repository knows a worktree at ${path}, but that folder does not point back to the repository`,
    `repair it: ${repair}; or look at what is in it, and move it away`,
  )
}
