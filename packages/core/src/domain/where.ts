import type { Place, Session } from './session.ts'

/** The place of the session that is reading. */
export interface Onlooker {
  readonly host: string
  readonly place?: Place
}

/** Where a session works, limited to what is new to the reader. */
export interface Where {
  /** The place in which both sessions work, if they share one. */
  readonly shares: 'worktree' | 'repo' | undefined
  /** The session's repository. Undefined if it is also the reader's. */
  readonly repo: string | undefined
  readonly branch: string | undefined
  /** The last part of its worktree's folder. Undefined if the repository or branch already has that name. */
  readonly folder: string | undefined
}

/** Undefined if the session's repository isn't known, or it has none. */
export function whereIs({ host, place = {} }: Session, from: Onlooker): Where | undefined {
  const { repo, branch, worktree } = place
  if (repo === undefined) return undefined
  const mine = from.place ?? {}
  if (repo === mine.repo && host === from.host && worktree !== undefined && worktree === mine.worktree)
    return { shares: 'worktree', repo: undefined, branch, folder: undefined }
  const folder = worktree && lastPart(worktree)
  const isNamed = folder === lastPart(repo) || branch?.split('/').includes(folder ?? '')
  return {
    shares: repo === mine.repo ? 'repo' : undefined,
    repo: repo === mine.repo ? undefined : repo,
    branch,
    folder: folder && !isNamed ? folder : undefined,
  }
}

/**
 * `in your worktree`, `on branch x of your repository`, `on branch x of repository r, worktree w`.
 *
 * @param show makes the texts of other sessions safe to show: in `Where` they are as the sessions gave them
 */
export function whereWords({ shares, repo, branch, folder }: Where, show: (text: string) => string): string {
  if (shares === 'worktree') return 'in your worktree'
  const whose = repo === undefined ? 'your repository' : `repository ${show(repo)}`
  const words = branch === undefined ? `in ${whose}` : `on branch ${show(branch)} of ${whose}`
  return folder === undefined ? words : `${words}, worktree ${show(folder)}`
}

/** `infra` for `github.com/acme/infra`, or for a path. */
export function lastPart(path: string): string {
  return path.split(/[/\\]/).findLast(part => part !== '') ?? ''
}
