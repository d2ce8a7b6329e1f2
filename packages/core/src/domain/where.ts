import type { Place, Session } from './session.ts'

/** From where somebody looks: a session's own place. */
export interface Onlooker {
  readonly host: string
  readonly place?: Place
}

/** Where a session works, as far as that tells an onlooker something. */
export interface Where {
  /** What both work in. */
  readonly shares: 'worktree' | 'repo' | undefined
  /** Its repository; undefined where that is the onlooker's. */
  readonly repo: string | undefined
  readonly branch: string | undefined
  /** Its worktree's folder, by its last name; undefined where repository or branch have that name already. */
  readonly folder: string | undefined
}

/** Undefined where its repository isn't known, or it has none. */
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
 * @param show how others' text is shown: it is as they gave it
 */
export function whereWords({ shares, repo, branch, folder }: Where, show: (text: string) => string): string {
  if (shares === 'worktree') return 'in your worktree'
  const whose = repo === undefined ? 'your repository' : `repository ${show(repo)}`
  const words = branch === undefined ? `in ${whose}` : `on branch ${show(branch)} of ${whose}`
  return folder === undefined ? words : `${words}, worktree ${show(folder)}`
}

/** `infra` of `github.com/acme/infra`, or of a path. */
export function lastPart(path: string): string {
  return path.split(/[/\\]/).findLast(part => part !== '') ?? ''
}
