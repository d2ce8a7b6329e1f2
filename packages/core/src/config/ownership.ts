import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Environment, stateFolder } from './folders.ts'
import { isPrivateGroup } from './private-group.ts'

/** How another user could put something into a folder, and the remedy. */
export interface Flaw {
  readonly reason: string
  readonly remedy: string
}

const OTHERS_WRITE = 0o002
const GROUP_WRITES = 0o020
const OTHERS_READ = 0o004
const GROUP_READS = 0o040
const STICKY = 0o1000
/** Inside a user namespace (a sandbox, a rootless container), the owner of files that belong to no user inside. */
const UNMAPPED_UID = 65_534
/** No file can be made below it. */
const NOWHERE = '/dev/null/presence'

const ELSEWHERE = 'choose a folder of your own with XDG_STATE_HOME, or set HOME to your own (sudo -H)'

/**
 * True if files of this user count as one's own: the user's, and root's. Root with the HOME of a user (sudo without
 * -H) also takes that user's files for its own.
 */
export function isOneself(uid: number): boolean {
  const own = process.geteuid?.()
  if (own === undefined || uid === own || uid === 0) return true
  const home = process.env['HOME']
  return own === 0 && home !== undefined && seen(home)?.uid === uid
}

/**
 * Whose a file or folder is, if it is another user's, or a link that is. Undefined if it is one's own, or not there.
 */
export function othersAt(path: string): Flaw | undefined {
  const found = seen(path, lstatSync)
  const target = found?.isSymbolicLink() ? seen(path) : undefined
  const owner = [found, target].find(each => each && !isOneself(each.uid))?.uid
  return owner === undefined
    ? undefined
    : { reason: `${path} belongs to another user (uid ${owner})`, remedy: ELSEWHERE }
}

/** Who else can write to a folder of one's own, and so put links into it, and remove what is there. */
export function writersOf(folder: string): Flaw | undefined {
  const found = seen(folder)
  const who = found && othersWho(found)
  return who ? { reason: `${who} can write to ${folder}`, remedy: `run: chmod go-w ${folder}` } : undefined
}

/** Who else can read a file that holds a secret, by its mode alone: a closed folder above it may be opened later. */
export function readersOf(file: string): Flaw | undefined {
  const found = seen(file)
  const who = found && othersWho(found, OTHERS_READ, GROUP_READS)
  return who ? { reason: `${who} can read ${file}`, remedy: `run: chmod 600 ${file}` } : undefined
}

/** Why a folder in which presence keeps its own files can't be used. */
export function flawOf(folder: string): Flaw | undefined {
  return othersAt(folder) ?? writersOf(folder)
}

/**
 * The user's state folder, for files that hooks and commands keep for a session. If another user could have put
 * something there, a path where nothing can be read or written: files only save time, and links could lead anywhere.
 */
export function safeState(env: Environment): string {
  const folder = stateFolder(env)
  return (othersAt(folder) ?? flawOf(join(folder, 'hooks'))) ? NOWHERE : folder
}

/** The files of hooks are smaller. */
const BYTES_MAX = 262_144

/**
 * The text of a small file that presence wrote. Undefined for anything else (a link, a pipe, another user's file): it
 * would decide as which session somebody acts, or what was already told.
 */
export function ownText(file: string, bytesMax = BYTES_MAX): string | undefined {
  let opened: number | undefined
  try {
    opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const found = fstatSync(opened)
    if (!found.isFile() || found.size > bytesMax || !isOneself(found.uid)) return undefined
    const bytes = Buffer.allocUnsafe(found.size)
    return bytes.toString('utf8', 0, readSync(opened, bytes, 0, found.size, 0))
  } catch {
    return undefined
  } finally {
    if (opened !== undefined) closeSync(opened)
  }
}

/**
 * Who else can replace a folder, because one above it is theirs, or lets them rename what is in it. Nothing is lost by
 * that alone: what they put there is theirs, and so not used.
 */
export function replacersOf(folder: string): Flaw | undefined {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const found = seen(above)
    const isOthers = found && !isOneself(found.uid) && found.uid !== UNMAPPED_UID
    const who = isOthers
      ? `user ${found.uid}`
      : found && !(found.mode & STICKY)
        ? othersWho(found)
        : undefined
    if (who)
      return {
        reason: `${who} can replace ${folder}, because ${above} is ${isOthers ? 'theirs' : 'writable for them'}`,
        remedy: isOthers ? ELSEWHERE : `run: chmod go-w ${above}`,
      }
    if (dirname(above) === above) return undefined
  }
}

/** Undefined if it is not there, or can't be looked at: using it will fail, and say why. */
function seen(path: string, look: (path: string) => Stats = statSync): Stats | undefined {
  try {
    return look(path)
  } catch {
    return undefined
  }
}

function othersWho({ mode, gid }: Stats, others = OTHERS_WRITE, group = GROUP_WRITES): string | undefined {
  const uid = process.geteuid?.()
  if (uid === undefined) return undefined
  if (mode & others) return 'every user'
  return mode & group && !isPrivateGroup(gid, uid) ? `group ${gid}` : undefined
}
