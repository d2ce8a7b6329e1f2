import truncated from 'fast-string-truncated-width'
import { wrapAnsi } from 'fast-wrap-ansi'

/** Folds the lines that a terminal would break in the middle of a word. */
export function fold(text: string, width: number): string {
  return text
    .split('\n')
    .map(line =>
      truncated(line).width > width
        ? wrapAnsi(line, width, { hard: true, trim: !line.startsWith(' ') })
        : line,
    )
    .map(line => line.replaceAll(/ +$/gm, ''))
    .join('\n')
}
