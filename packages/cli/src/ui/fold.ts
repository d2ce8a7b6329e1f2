import truncated from 'fast-string-truncated-width'
import { wrapAnsi } from 'fast-wrap-ansi'

/** Scripts without blanks between words, and emoji: they may be broken anywhere. */
const WITHOUT_BLANKS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Extended_Pictographic}]/u

/**
 * Folds lines that are wider than the terminal, between words. A word that is wider itself, such as an id or a path,
 * stays whole: broken by us, it could not be copied.
 *
 * @param breaksWords no line may be wider than the terminal, which would break it itself
 */
export function fold(text: string, width: number, breaksWords = false): string {
  return text
    .split('\n')
    .map(line => (truncated(line).width > width ? folded(line, width, breaksWords) : line))
    .map(line => line.replaceAll(/ +$/gm, ''))
    .join('\n')
}

function folded(line: string, width: number, hard: boolean): string {
  const options = { trim: !line.startsWith(' ') }
  if (hard) return wrapAnsi(line, width, { ...options, hard })
  return wrapAnsi(line, width, options)
    .split('\n')
    .map(each =>
      truncated(each).width > width && WITHOUT_BLANKS.test(each)
        ? wrapAnsi(each, width, { ...options, hard: true })
        : each,
    )
    .join('\n')
}
