import { UNKNOWN_MARK } from '../../unknown.ts'
import type { Word } from '../tool.ts'

/**
 * The command line that a program makes of words by joining them with blanks, as ssh, eval and watch do. Parts that
 * aren't known stay unknown in it.
 */
export function lineOf(words: readonly Word[]): string {
  return words.map(word => word.text ?? word.template ?? UNKNOWN_MARK).join(' ')
}
