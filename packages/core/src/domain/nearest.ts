import { closest, distance } from 'fastest-levenshtein'

/** The candidate that `word` was most likely meant to be, or undefined when none is near (a third of it, at least 1). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word === '' || candidates.length === 0) return undefined
  const lower = word.toLowerCase()
  const guess = closest(lower, candidates)
  if (distance(lower, guess) <= Math.max(1, Math.floor(word.length / 3))) return guess
  return candidates.find(candidate => isSwapOf(lower, candidate))
}

/**
 * The candidates that `word` may have been meant to be, at most `max`: those that begin with it, have it, or are near (a
 * quarter of it, for ids have their host in common).
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

/** Two neighbours that changed places are one slip of the fingers, and two edits by Levenshtein's count. */
function isSwapOf(word: string, other: string): boolean {
  if (word.length !== other.length) return false
  const at = [...word].findIndex((char, index) => char !== other[index])
  const swapped = word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2)
  return at >= 0 && swapped === other
}
