import { closest, distance } from 'fastest-levenshtein'

/** The candidate that `word` was most likely meant to be, or undefined when none is near (a third of it, at least 1). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word === '' || candidates.length === 0) return undefined
  const lower = word.toLowerCase()
  const guess = closest(lower, candidates)
  return distance(lower, guess) <= Math.max(1, Math.floor(word.length / 3)) ? guess : undefined
}
