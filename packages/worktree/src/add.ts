import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { oneLine, shellWord, WORKTREES } from '@presence/core/internal'
import { defaultBranch, noteBase, refOf } from './base.ts'
import { complaintOf, gitFailed } from './git.ts'
import { forgottenWith } from './outlook.ts'
import { type Refused, refuse, type Said } from './refusal.ts'
import {
  BEING_MADE,
  brokenWorktree,
  isThere,
  type Repository,
  reasonOf,
  type Worktree,
  worktreesOf,
} from './repository.ts'
import { branchOf, folderOf } from './role.ts'
import { ignoreWorktrees, separateSettings, setIdentity } from './settings.ts'
import { type Made, undo } from './undo.ts'

/** A role's worktree that was made, or was there already. */
export interface Added {
  readonly path: string
  /** The branch checked out there; undefined if the head is detached. */
  readonly branch: string | undefined
  /** The worktree did not exist before. */
  readonly created: boolean
  /** What the user should know, one sentence each. */
  readonly notes: readonly string[]
}

/** `addWorktree` for a caller that holds the repository's lock. */
export async function add(
  repository: Repository,
  role: string,
  from: string | undefined,
): Promise<Said<Added>> {
  const path = folderOf(repository, role)
  const all = await worktreesOf(repository)
  const there = all.find(each => each.path === path)
  const refused =
    there?.state === 'there' && there.locked !== BEING_MADE
      ? undefined
      : ((await inTheWay(repository, role, there)) ?? elsewhere(all, role, path))
  if (refused) return refused
  if (there?.state === 'there') return complete(repository, role, there, from)
  const start = await startOf(repository, role, from)
  return start.ok ? make(repository, role, { ...start, replaces: there !== undefined }) : start
}

async function complete(
  repository: Repository,
  role: string,
  { path, branch }: Worktree,
  from: string | undefined,
): Promise<Said<Added>> {
  await ignoreWorktrees(repository, role)
  await separateSettings(repository)
  await setIdentity(repository.git.in(path), role)
  const notes = [
    ...(from === undefined ? [] : ['it exists already: --from is not used']),
    ...(branch === branchOf(role)
      ? []
      : [`it has ${branch ?? 'no branch'} checked out, not ${branchOf(role)}`]),
  ]
  return { ok: true, path, branch, created: false, notes }
}

/** Refuses if something else is in the worktree's place. */
async function inTheWay(
  repository: Repository,
  role: string,
  there: Worktree | undefined,
): Promise<Refused | undefined> {
  const path = folderOf(repository, role)
  const parent = join(repository.main, WORKTREES)
  if (isThere(parent) && !lstatSync(parent).isDirectory())
    return refuse('path_exists', `${parent} is not a folder, but worktrees are made in it`, 'move it away')
  if (there?.locked === BEING_MADE)
    return refuse(
      'half_made',
      `${path} is unfinished: another git process is using it, or was stopped half-way`,
      `wait for it; if no git process is using it, run: presence worktree remove ${role} --abandon`,
    )
  if (there?.state === 'broken') return brokenWorktree(there)
  if (there?.locked !== undefined)
    return refuse(
      'locked',
      `${path} is a locked worktree whose folder is missing${reasonOf(there)}`,
      `attach the disk that it is on; if it is lost, unlock it and run this again: git worktree unlock ${shellWord(path)}`,
    )
  if (there) return forgottenWith(repository, role, there)
  if (isThere(path) && !(lstatSync(path).isDirectory() && readdirSync(path).length === 0))
    return refuse(
      'path_exists',
      `${path} exists, and is not a worktree of this repository`,
      'look at what is in it, and move it away; if it is a worktree whose repository was moved: git worktree repair',
    )
  return undefined
}

function elsewhere(all: readonly Worktree[], role: string, path: string): Refused | undefined {
  const other = all.find(each => each.branch === branchOf(role) && each.path !== path)
  return (
    other &&
    refuse(
      'branch_elsewhere',
      `${branchOf(role)} is checked out in ${other.path}${other.state === 'gone' ? ', which is gone' : ''}`,
      other.state === 'gone'
        ? 'forget that worktree: git worktree prune'
        : `work there, or check out another branch there first`,
    )
  )
}

interface Start {
  /** Undefined if the branch exists already. */
  readonly begins: { readonly ref: string; readonly commit: string } | undefined
  readonly notes: readonly string[]
}

async function startOf({ git }: Repository, role: string, from: string | undefined): Promise<Said<Start>> {
  if (await git.hasRef(`refs/heads/${branchOf(role)}`)) {
    const kept = `${branchOf(role)} existed already, and is continued`
    return {
      ok: true,
      begins: undefined,
      notes: [from === undefined ? kept : `${kept}, and --from is not used`],
    }
  }
  const name = from ?? (await defaultBranch(git))
  const ref = name === undefined ? undefined : await refOf(git, name)
  const commit = ref && (await git.commitAt(ref))
  if (ref && commit) return { ok: true, begins: { ref, commit }, notes: [] }
  if (!(await git.text(['for-each-ref', '--count=1'])) && !(await git.commitAt('HEAD')))
    return refuse(
      'no_commit',
      'the repository has no commit that a worktree can begin from',
      'make the first one: git commit',
    )
  const shown = oneLine(name ?? 'main').slice(0, 80)
  return refuse(
    'no_such_branch',
    `there is no branch, tag or commit ${shown} to begin from`,
    'name one: presence worktree add <role> --from <branch>',
  )
}

async function make(
  repository: Repository,
  role: string,
  { begins, notes, replaces }: Start & { readonly replaces: boolean },
): Promise<Said<Added>> {
  const { git } = repository
  const [path, branch] = [folderOf(repository, role), branchOf(role)]
  let made: Made = {}
  try {
    await ignoreWorktrees(repository, role)
    await separateSettings(repository)
    if (begins) {
      await git.text(['branch', '--no-track', branch, begins.commit])
      made = { branch: begins.commit }
      await noteBase(git, role, begins.ref, begins.commit)
    }
    const adding = ['worktree', 'add', ...(replaces ? ['--force'] : []), path, branch]
    const said = await git.run(adding)
    const isMade = (await worktreesOf(repository)).some(
      each => each.path === path && each.state === 'there' && each.locked !== BEING_MADE,
    )
    if (!isMade) throw gitFailed(adding, said)
    made = { ...made, worktree: true }
    await setIdentity(git.in(path), role)
    const hook = said.status === 0 ? [] : [`a hook of the repository failed: ${complaintOf(said)}`]
    const submodules = isThere(join(path, '.gitmodules'))
      ? [`its submodules are not checked out: git -C ${shellWord(path)} submodule update --init`]
      : []
    return { ok: true, path, branch, created: true, notes: [...notes, ...hook, ...submodules] }
  } catch (error) {
    throw await undo(repository, role, made, error)
  }
}
