import type { Analysis } from '../effect.ts'

/** A command line with the judgement of its source. */
export interface Judged {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly tool: string
  readonly command: string
  /** Null if the source doesn't know. */
  readonly mutates: boolean | null
}

/** A line that is left out of the second figure, because it changes nothing that others share, or for another reason. */
export interface LeftOut {
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** How one tool's lines were judged. Lines with an unknown effect and no change are in none of the four. */
export interface Score {
  readonly lines: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly trueNegatives: number
  readonly unknown: number
}

/** A line on which the guard and the source differ. */
interface Disagreement extends Judged {
  readonly guard: Verdict
  /** Why the line is left out of the second figure, if it is. */
  readonly reason: string | undefined
}

type Verdict = 'changes' | 'silent' | 'unknown'

/** Changes count as positive. */
function verdictOf({ effects }: Analysis): Verdict {
  if (effects.some(each => each.effect === 'changes')) return 'changes'
  return effects.some(each => each.effect === 'unknown') ? 'unknown' : 'silent'
}

/** Scores lines by tool, without and with the lines that are left out. */
export function scoreOf(
  lines: readonly Judged[],
  leftOut: readonly LeftOut[],
  analyze: (line: string) => Analysis,
) {
  const reasons = new Map(leftOut.map(each => [`${each.file}:${each.line}`, each.reason]))
  const all = new Map<string, Score>()
  const kept = new Map<string, Score>()
  const disagreements: Disagreement[] = []
  for (const each of lines) {
    if (each.mutates === null) continue
    const guard = verdictOf(analyze(each.command))
    const reason = reasons.get(`${each.file}:${each.line}`)
    count(all, each, guard)
    if (reason === undefined) count(kept, each, guard)
    if (guard === 'unknown' || (guard === 'changes') !== each.mutates)
      disagreements.push({ ...each, guard, reason })
  }
  const used = new Set(disagreements.map(each => `${each.file}:${each.line}`))
  const files = new Set(lines.map(each => each.file))
  const unused = leftOut.filter(each => files.has(each.file) && !used.has(`${each.file}:${each.line}`))
  return { all, kept, disagreements, unused }
}

function count(scores: Map<string, Score>, { tool, mutates }: Judged, guard: Verdict) {
  const before = scores.get(tool) ?? NOTHING
  const field =
    guard === 'unknown'
      ? 'unknown'
      : guard === 'changes'
        ? mutates
          ? 'truePositives'
          : 'falsePositives'
        : mutates
          ? 'falseNegatives'
          : 'trueNegatives'
  scores.set(tool, { ...before, lines: before.lines + 1, [field]: before[field] + 1 })
}

const NOTHING: Score = {
  lines: 0,
  truePositives: 0,
  falsePositives: 0,
  falseNegatives: 0,
  trueNegatives: 0,
  unknown: 0,
}

/** The share of changes that the source calls changes too. 1 if there are none. */
export function precision({ truePositives, falsePositives }: Score): number {
  return truePositives + falsePositives === 0 ? 1 : truePositives / (truePositives + falsePositives)
}

/** The share of the source's changes that were found. 1 if there are none. */
export function recall({ truePositives, falseNegatives }: Score): number {
  return truePositives + falseNegatives === 0 ? 1 : truePositives / (truePositives + falseNegatives)
}
