import { userInfo } from 'node:os'
import { readBounded } from './read-bounded.ts'

/** The files of a site with many thousands of users are smaller. */
const BYTES_MAX = 4 << 20

/**
 * Whether a group has no other member than this user and root. Many systems give each user a group of their
 * own and let it write to new folders (umask 002): that lets nobody else write. If it isn't known who is in
 * the group, for example because a directory service says so, only the usual sign counts: the group has the
 * user's number.
 */
export function isPrivateGroup(gid: number, uid: number): boolean {
  const users = rowsOf('/etc/passwd').map(([name = '', , id, group]) => ({
    name,
    uid: Number(id),
    group: Number(group),
  }))
  const mine = new Set([
    'root',
    nameOf(uid),
    ...users.filter(user => user.uid === uid).map(({ name }) => name),
  ])
  const members = rowsOf('/etc/group')
    .filter(([, , id]) => Number(id) === gid)
    .flatMap(([, , , list = '']) => list.split(',').filter(Boolean))
  if (members.some(member => !mine.has(member))) return false
  // Systems of Red Hat put some accounts that nobody uses into root's group.
  if (gid === 0) return true
  const first = users.filter(({ group }) => group === gid)
  if (first.some(({ name }) => !mine.has(name))) return false
  return gid === uid || first.some(user => user.uid === uid)
}

function rowsOf(file: string): readonly (readonly string[])[] {
  try {
    return readBounded(file, BYTES_MAX)
      .split('\n')
      .filter(line => line.includes(':') && !line.startsWith('#'))
      .map(line => line.split(':'))
  } catch {
    return []
  }
}

/** A user of a directory service is in no file. */
function nameOf(uid: number): string {
  try {
    const { uid: own, username } = userInfo()
    return own === uid ? username : ''
  } catch {
    return ''
  }
}
