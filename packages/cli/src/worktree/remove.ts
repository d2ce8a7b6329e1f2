import { dirname } from 'node:path'
import { PresenceError } from '@presence/core'
import { type Aside, deleteFolder, keepNote, moveAside, putBack } from './aside.ts'
import { isMerged } from './base.ts'
import { gitFailed } from './git.ts'
import { hazardsOf } from './hazards.ts'
import { keepWork } from './keep.ts'
import { type Merged, mergeWorktree } from './merge.ts'
import { type Outlook, outlookOn } from './outlook.ts'
import { type Refused, refuse, type Said } from './refusal.ts'
import { branchOf, isThere, type Repository, type Worktree, worktreesOf } from './repository.ts'
import { faultOf } from './sessions.ts'
import { deleteBranch, removeIfEmpty } from './undo.ts'

/** The result of a removal, also if it stopped half-way. */
export interface Removed {
  readonly path: string
  readonly branch: string
  /** True if the branch was deleted too, because all of it is merged. */
  readonly branchDeleted: boolean
  /** The ref that keeps what was only in the worktree. */
  readonly kept: string | undefined
  readonly merged: Merged | undefined
  /**
   * True if the worktree can no longer be used. If the removal stops before this, everything is as it was
   * before.
   */
  readonly isGone: boolean
  /** What is left of its files on disk, in words. */
  readonly left: string | undefined
  /** The fault that stopped the removal, if any. */
  readonly fault: PresenceError | undefined
}

interface Agreed {
  readonly merge: boolean
  readonly abandon: boolean
}

/**
 * Removes a worktree. Work that only the worktree had is kept under a ref; the branch is deleted if all of it
 * is merged. The caller holds the repository's lock, and has the user's consent to the hazards.
 *
 * The folder is first moved aside and checked again there, so that nothing new can be written into it by its
 * path. The repository's part is removed next, and the files last. Until then everything can be restored;
 * afterwards the ref keeps everything.
 */
export async function removeWorktree(
  repository: Repository,
  before: Outlook,
  agreed: Agreed,
): Promise<Said<Removed>> {
  const looked = await lookAgain(repository, before, agreed)
  if (!looked.ok) return looked
  const { outlook } = looked
  const merged = agreed.merge ? await mergeWorktree(repository, outlook.role) : undefined
  if (merged && !merged.ok) return merged
  const done: Progress = {
    ...{ path: outlook.path, branch: branchOf(outlook.role), branchDeleted: false, merged },
    ...{ kept: undefined, isGone: false, left: undefined, fault: undefined },
  }
  let folder: string | undefined
  try {
    const taken = await takeAway(repository, outlook, agreed, done)
    if (!taken.ok) return toldOf(taken, done)
    folder = taken.folder
    done.branchDeleted = await deleteIfMerged(repository, outlook)
  } catch (error) {
    done.fault = faultOf(error)
  }
  if (folder !== undefined) done.left = await deleteFolder(folder)
  if (done.isGone) removeIfEmpty(dirname(outlook.path))
  return { ok: true, ...done, fault: toldFault(done) }
}

type Progress = { -readonly [Key in keyof Removed]: Removed[Key] }

function toldOf({ refusal }: Refused, { merged, branch }: Progress): Refused {
  if (!merged) return { ok: false, refusal }
  const message = `${refusal.message}; ${branch} was merged into ${merged.into} before that`
  return { ok: false, refusal: { ...refusal, message, done: { merged_to: merged.into } } }
}

/** The fault that stopped the removal, with what was done and what is left. */
function toldFault({ path, branch, merged, kept, left, fault }: Progress): PresenceError | undefined {
  if (!fault && left === undefined) return undefined
  const message = [
    fault?.message ?? `${path} is removed, but not all of its files could be deleted`,
    ...(left === undefined ? [] : [`the remaining files are in ${left}`]),
    ...(kept === undefined ? [] : [`work that only it had is kept: ${kept}`]),
    ...(merged ? [`${branch} was merged into ${merged.into} before that`] : []),
  ].join('; ')
  const remedy = fault?.remedy ?? 'delete them once you have the rights (rm -r): nothing in them is needed'
  return new PresenceError(fault?.code ?? 'not_writable', message, remedy, { cause: fault?.cause })
}

async function lookAgain(
  repository: Repository,
  before: Outlook,
  { merge, abandon }: Agreed,
  at?: string,
): Promise<Said<{ readonly outlook: Outlook }>> {
  const { role, path } = before
  const looked = await outlookOn(repository, role, { abandon, ...(at === undefined ? {} : { at }) })
  if (!looked.ok) return looked
  const changed = hazardsOf(looked.outlook, merge).filter(each => !hazardsOf(before, merge).includes(each))
  if (changed.length === 0) return looked
  return refuse(
    'unsaved_work',
    `${path} was changed in the meantime: ${changed.join('; ')}`,
    'check these changes, and run it again',
  )
}

/**
 * Removes the worktree from the repository.
 * @returns the folder that is still to be deleted; a refusal if nothing was removed
 */
async function takeAway(
  repository: Repository,
  outlook: Outlook,
  agreed: Agreed,
  done: Progress,
): Promise<Said<{ readonly folder: string | undefined }>> {
  const { role, worktree, work } = outlook
  if (worktree?.state !== 'there') {
    if (worktree) {
      done.kept = await keepWork(repository, role, worktree, work)
      await forget(repository, worktree)
    }
    done.isGone = true
    return { ok: true, folder: undefined }
  }
  const aside = moveAside(worktree)
  const { isMoved, worktree: moved } = aside
  try {
    const looked = await lookAgain(repository, outlook, agreed, moved.path)
    if (!looked.ok) return back(repository, aside, looked, done)
    done.kept = await keepWork(repository, role, moved, looked.outlook.work)
    if (isMoved) keepNote(aside)
    await forget(repository, worktree, !isMoved)
  } catch (error) {
    throw await failedBack(repository, aside, faultOf(error), done)
  }
  done.isGone = true
  return { ok: true, folder: isMoved ? moved.path : undefined }
}

/**
 * Makes git forget a worktree and its part of the repository, and delete its files if they were not moved
 * aside.
 */
async function forget({ git }: Repository, { path, locked }: Worktree, withFiles = false): Promise<void> {
  const force = locked === undefined ? Number(withFiles) : 2
  const removing = ['worktree', 'remove', ...Array<string>(force).fill('--force'), path]
  const said = await git.run(removing)
  if (said.status !== 0) throw gitFailed(removing, said)
}

async function back(
  repository: Repository,
  aside: Aside,
  { refusal }: Refused,
  done: Progress,
): Promise<Refused> {
  const fault = await failedBack(
    repository,
    aside,
    new PresenceError('unexpected', refusal.message, refusal.remedy),
    done,
  )
  return { ok: false, refusal: { ...refusal, message: fault.message } }
}

/** Moves the folder back, and says where it is. */
async function failedBack(
  repository: Repository,
  aside: Aside,
  { code, message, remedy, cause }: PresenceError,
  done: Progress,
): Promise<PresenceError> {
  const { path } = aside.from
  const elsewhere = putBack(aside)
  const all = await worktreesOf(repository).catch(() => undefined)
  const isKnown = all?.some(each => each.path === path && each.state === 'there') ?? true
  done.isGone = elsewhere === undefined && !isKnown
  if (elsewhere !== undefined) done.left = aside.worktree.path
  else if (!isKnown && isThere(path)) done.left = path
  const where =
    elsewhere ??
    (isKnown ? `${path} is unchanged, and nothing was removed` : `the repository no longer knows ${path}`)
  return new PresenceError(code, `${message.replaceAll(aside.worktree.path, path)}; ${where}`, remedy, {
    cause,
  })
}

async function deleteIfMerged(repository: Repository, { tip, base, role }: Outlook): Promise<boolean> {
  const { git } = repository
  if (tip === undefined || base === undefined || base.name === branchOf(role)) return false
  if ((await worktreesOf(repository)).some(({ branch }) => branch === branchOf(role))) return false
  return (await isMerged(git, tip, base)) && deleteBranch(repository, branchOf(role), tip)
}
