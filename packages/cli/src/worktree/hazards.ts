import type { Base } from './base.ts'
import { type Refused, refuse } from './refusal.ts'
import type { Work } from './work.ts'

/** What a removal would delete. */
export interface Threatened {
  readonly path: string
  readonly base: Base | undefined
  readonly work: Work
}

/** What the user must agree to, in words. With `--merge`, commits that the merge brings in are no hazard. */
export function hazardsOf({ work, base }: Threatened, merge: boolean): readonly string[] {
  const { uncommitted, unmerged, unmergedNowhere, unmergedAside, unpushed, unnamed, ownRefs } = work
  const into = base === undefined ? 'not merged' : `not in ${base.name}`
  const remote =
    unmergedNowhere === 0
      ? ''
      : unmergedNowhere === unmerged
        ? ', and on no remote'
        : `, ${unmergedNowhere} of them on no remote`
  const aside = `${counted(unmergedAside, 'commit')} ${into}, which --merge leaves out`
  return [
    ...(uncommitted.length > 0 ? [counted(uncommitted.length, 'uncommitted file')] : []),
    ...(merge
      ? unmergedAside === 0 || unnamed
        ? []
        : [aside]
      : unmerged === 0
        ? []
        : [`${counted(unmerged, 'commit')} ${into}${remote}`]),
    ...(unnamed ? ['a detached HEAD with commits that are on no branch'] : []),
    ...(unpushed === 0 || merge
      ? []
      : [`${counted(unpushed, 'commit')} in ${base?.name} here, but on no remote`]),
    ...(ownRefs.length > 0 ? [`commits that only ${ownRefs.map(({ ref }) => ref).join(', ')} has`] : []),
  ]
}

/** The question, with what happens after a yes. */
export function questionOf({ work, base }: Threatened): string {
  const { uncommitted, unmerged, unpushed, unnamed, ownRefs } = work
  const keeps = uncommitted.length > 0 || unnamed || ownRefs.length > 0
  const means = [
    ...(unmerged === 0 ? [] : ['the branch stays']),
    ...(keeps ? ['work that only the worktree has is kept under a ref'] : []),
    ...(unpushed === 0
      ? []
      : [`commits that are on no remote stay only in ${base?.name} of this repository`]),
  ].join(', and ')
  return `Remove it? ${means.charAt(0).toUpperCase()}${means.slice(1)}.`
}

/** The refusal if there is no terminal, or the answer is not yes. */
export function refusedFor(threatened: Threatened, hazards: readonly string[]): Refused {
  const { path, base, work } = threatened
  const { uncommitted, unmerged, unnamed, ownRefs } = work
  const remedy =
    uncommitted.length > 0
      ? 'commit it there; or --abandon, which keeps it under a ref'
      : unnamed || ownRefs.length > 0
        ? 'give it a branch: git branch <name> <commit>; or --abandon, which keeps it under a ref'
        : unmerged > 0
          ? '--merge merges it first; --abandon keeps the branch and removes the folder'
          : `push ${base?.name}; or use --merge, and the commits stay only in ${base?.name} of this repository`
  return refuse('unsaved_work', `${path} has ${hazards.join('; ')}`, remedy, uncommitted)
}

function counted(number: number, what: string): string {
  if (Number.isNaN(number)) return `an unknown number of ${what}s`
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
