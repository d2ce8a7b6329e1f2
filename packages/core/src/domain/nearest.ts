import { closest, distance } from 'fastest-levenshtein'

/**
 * The candidate that `word` most likely stands for. Undefined if none is near. Near means that the number of
 * edits is at most a third of the length of `word`, or 1 if that is more, or that two neighbouring characters
 * are swapped.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word === '' || candidates.length === 0) return undefined
  const lower = word.toLowerCase()
  const guess = closest(lower, candidates)
  if (distance(lower, guess) <= Math.max(1, Math.floor(word.length / 3))) return guess
  return candidates.find(candidate => isSwapOf(lower, candidate))
}

/**
 * The candidates that `word` may stand for, at most `max`: those that begin with it, contain it, or are near.
 * Near means that the number of edits is at most a quarter of the length of `word`, or 1 if that is more. The
 * limit is lower than in `nearest`, because ids share the name of their host.
 */
export function nearestOf(word: string, candidates: readonly string[], max: number): readonly string[] {
  const lower = word.toLowerCase()
  if (lower === '') return []
  const rank = (candidate: string) => {
    const other = candidate.toLowerCase()
    if (other.startsWith(lower) || lower.startsWith(other)) return 0
    if (other.includes(lower)) return 1
    const edits = distance(lower, other)
    return edits <= Math.max(1, Math.floor(word.length / 4)) ? 1 + edits : undefined
  }
  return candidates
    .flatMap(candidate => {
      const at = rank(candidate)
      return candidate === '' || at === undefined ? [] : [{ candidate, at }]
    })
    .toSorted((a, b) => a.at - b.at)
    .slice(0, max)
    .map(({ candidate }) => candidate)
}

/** Two swapped neighbours are one typing error, but two edits in Levenshtein's count. */
function isSwapOf(word: string, other: string): boolean {
  if (word.length !== other.length) return false
  const at = [...word].findIndex((char, index) => char !== other[index])
  const swapped = word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2)
  return at >= 0 && swapped === other
}
