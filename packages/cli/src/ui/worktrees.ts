import { oneLine } from '@presence/core/internal'
import type { Present, RoleWorktree } from '@presence/worktree'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { ago } from './time.ts'

const HEADINGS = ['ROLE', 'BRANCH', 'COMMITS', 'FILES', 'SESSION'] as const
/** In the order in which columns are narrowed. */
const YIELDING: readonly Yielding[] = [
  [1, 10],
  [4, 10],
  [0, 8],
]

/** Worktrees of roles as a table that fits the terminal, or on several lines each. */
export function worktreeTable(
  worktrees: readonly RoleWorktree[],
  present: Present,
  io: Io,
): readonly string[] {
  const rows = worktrees.map(each => cellsOf(each, present))
  const [heading, ...lines] = inColumns([HEADINGS, ...rows], YIELDING, io.width) ?? []
  if (heading === undefined)
    return rows.flatMap(([role = '', ...rest]) => [
      io.paint('bold', cut(role, io.width)),
      ...rest.filter(cell => cell !== '').map(cell => cut(`  ${cell}`, io.width)),
    ])
  return [
    io.paint('dim', heading),
    ...lines.map((line, at) => {
      const status = worktrees[at]?.status
      return status === 'stale'
        ? io.paint('yellow', line)
        : status === 'active'
          ? io.paint('cyan', line)
          : line
    }),
  ]
}

function cellsOf(each: RoleWorktree, present: Present): readonly string[] {
  const { role, worktree, ahead, behind, dirty, base } = each
  const compared = ahead === undefined ? '' : `${ahead} ahead, ${behind} behind ${base}`
  const files =
    worktree.state === 'gone'
      ? 'folder gone'
      : worktree.state === 'broken'
        ? 'broken'
        : dirty
          ? 'changed'
          : dirty === false
            ? 'clean'
            : ''
  const locked =
    worktree.locked === undefined ? '' : `, locked${worktree.locked ? ` (${oneLine(worktree.locked)})` : ''}`
  return [
    oneLine(role),
    oneLine(worktree.branch ?? `detached at ${worktree.head?.slice(0, 10) ?? 'nothing'}`),
    compared,
    files + locked,
    sessionCell(each, present),
  ]
}

function sessionCell({ status, sessions }: RoleWorktree, present: Present): string {
  if (status === undefined || !present.known) return 'unknown'
  const [latest] = sessions
  if (!latest) return status
  const more = sessions.length > 1 ? ` and ${sessions.length - 1} more` : ''
  return `${status}, ${ago(latest.lastSeen, present.asOf)}: ${oneLine(latest.session.id)}${more}`
}

/** A role's worktree for programs; what is not known is null. */
export function worktreeJson({ role, worktree, base, ahead, behind, dirty, status, sessions }: RoleWorktree) {
  return {
    role,
    path: worktree.path,
    branch: worktree.branch ?? null,
    head: worktree.head ?? null,
    base: base ?? null,
    ahead: ahead ?? null,
    behind: behind ?? null,
    dirty: dirty ?? null,
    state: worktree.state,
    locked: worktree.locked ?? null,
    status: status ?? 'unknown',
    sessions: sessions.map(({ session, lastSeen, stale, holds }) => ({
      session_id: session.id,
      last_seen: lastSeen.toISOString(),
      stale,
      holds: holds.map(({ label }) => label),
    })),
  }
}
