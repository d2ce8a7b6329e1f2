import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { labelOf } from '../domain/agent-text.ts'
import { isPrivateGroup } from './private-group.ts'
import { realPath } from './real-path.ts'

/** Links in a row, after which a path counts as leading nowhere. The system's own limit. */
const LINKS_MAX = 40
const STICKY = 0o1000

type Owned = Pick<Stats, 'uid' | 'gid' | 'mode'>

/**
 * Says why users other than this one and root decide what a config file says; undefined if none does. Such a
 * user owns the file or may write to it, or can put another file in its place: in the project's folder, in
 * `.presence`, or in a folder that a link on the way leads through. The folders above the project don't count:
 * a file that somebody puts there belongs to them.
 *
 * @param base the project's folder
 * @param file what the opened file is, so that it can't be replaced between the two looks
 */
export function othersDeciding(path: string, base: string, file: Owned): string | undefined {
  const uid = process.geteuid?.()
  if (uid === undefined) return undefined
  try {
    return ofFile(file, uid) ?? ofFolders(realpathSync(base), relative(base, path), uid)
  } catch (error) {
    return `it is unknown who may replace it (${(error as NodeJS.ErrnoException).code})`
  }
}

/**
 * As {@link othersDeciding}, for a file inside the project that may not exist yet: who could put one there decides
 * too, also in a sticky folder.
 */
export function othersHolding(path: string, base: string): string | undefined {
  const uid = process.geteuid?.()
  if (uid === undefined) return undefined
  try {
    const file = statOf(path)
    const folder = realpathSync(base)
    const below = path.startsWith(`${base}/`) ? relative(base, path) : relative(folder, realPath(path))
    return (file && ofFile(file, uid)) ?? ofFolders(folder, below, uid)
  } catch (error) {
    return `it is unknown who may replace it (${(error as NodeJS.ErrnoException).code})`
  }
}

/** Undefined if there is no file, also behind links in a circle. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined
    throw error
  }
}

/** Says which user other than this one and root owns one of these files and folders; undefined if none does. */
export function otherOwner(paths: readonly string[]): string | undefined {
  const uid = process.geteuid?.()
  if (uid === undefined) return undefined
  for (const path of paths) {
    const { uid: owner } = statSync(path)
    if (!isOwn({ uid: owner }, uid)) return `${labelOf(path)} belongs to another user (user id ${owner})`
  }
  return undefined
}

function ofFile(file: Owned, uid: number): string | undefined {
  if (!isOwn(file, uid)) return `it belongs to another user (user id ${file.uid})`
  return isWritable(file, uid) ? 'other users may write to it' : undefined
}

/** Follows the path from the project's folder, through each link. */
function ofFolders(base: string, rest: string, uid: number): string | undefined {
  const names = rest.split('/')
  let folder = base
  for (let links = 0; names.length > 0 && links <= LINKS_MAX; ) {
    const name = names.shift() ?? ''
    if (name === '..') folder = dirname(folder)
    if (name === '' || name === '.' || name === '..') continue
    const path = join(folder, name)
    const entry = lstatSync(path, { throwIfNoEntry: false })
    const found = ofFolder(folder, entry, uid)
    if (found !== undefined || entry === undefined) return found
    if (!entry.isSymbolicLink()) folder = path
    else {
      const target = readlinkSync(path)
      if (target.startsWith('/')) folder = '/'
      names.unshift(...target.split('/'))
      links++
    }
  }
  return undefined
}

function ofFolder(folder: string, entry: Owned | undefined, uid: number): string | undefined {
  const its = statSync(folder)
  if (!isOwn(its, uid)) return `its folder ${labelOf(folder)} belongs to another user (user id ${its.uid})`
  if (!isWritable(its, uid)) return undefined
  // In a sticky folder, others can't replace what belongs to this user.
  if ((its.mode & STICKY) !== 0 && entry && isOwn(entry, uid)) return undefined
  return `other users may write to its folder ${labelOf(folder)}`
}

function isOwn({ uid: owner }: Pick<Owned, 'uid'>, uid: number): boolean {
  return owner === uid || owner === 0
}

/** Whether others may write to it: everybody, or a group with other members. */
function isWritable({ mode, gid }: Owned, uid: number): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !isPrivateGroup(gid, uid))
}
