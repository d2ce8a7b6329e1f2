/**
 * Matches a pattern in which `*` stands for any characters.
 * Backtracks only to the last `*`, so no pattern is slow.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let [at, star, resume] = [0, -1, 0]
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') [star, resume] = [at++, i]
    else if (pattern[at] === text[i]) [at, i] = [at + 1, i + 1]
    else if (star >= 0) [at, i] = [star + 1, ++resume]
    else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
