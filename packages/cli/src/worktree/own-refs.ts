import type { Git } from './git.ts'

/** Refs that belong to one worktree and are deleted with it (gitrepository-layout(5)). */
const OWN = ['refs/worktree', 'refs/bisect', 'refs/rewritten']

export interface OwnRef {
  readonly ref: string
  readonly object: string
  /** Only a commit can be kept as another parent. */
  readonly isCommit: boolean
}

/**
 * A worktree's own refs to objects that no branch, tag, remote or checked-out commit contains.
 * @param inside git in that worktree
 */
export async function ownRefsIn(inside: Git): Promise<readonly OwnRef[]> {
  const format = '--format=%(objectname) %(objecttype) %(refname)'
  const lines = (await inside.text(['for-each-ref', format, ...OWN])).split('\n').filter(line => line !== '')
  // A head that is a symbolic ref to one of these refs doesn't keep its object.
  const isDetached =
    !(await inside.holds(['symbolic-ref', '--quiet', 'HEAD'])) &&
    (await inside.holds(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']))
  const elsewhere = ['--not', '--branches', '--tags', '--remotes', ...(isDetached ? ['HEAD'] : []), '--']
  const own: OwnRef[] = []
  for (const line of lines) {
    const [object = '', type, ref = ''] = line.split(' ')
    const isCommit = type === 'commit'
    if (isCommit && (await inside.found(['rev-list', '--count', object, ...elsewhere])) === '0') continue
    if (!isCommit && (await isNamedElsewhere(inside, object))) continue
    own.push({ ref, object, isCommit })
  }
  return own
}

async function isNamedElsewhere(inside: Git, object: string): Promise<boolean> {
  const refs = await inside.text(['for-each-ref', '--format=%(refname)', `--points-at=${object}`])
  return refs.split('\n').some(ref => ref !== '' && !OWN.some(folder => ref.startsWith(`${folder}/`)))
}
