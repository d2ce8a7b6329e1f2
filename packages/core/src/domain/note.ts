import { NOTE_LENGTH_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { lengthOf } from './text.ts'

/**
 * Parses the reason of a steal or a resolution. Stored as given, like a purpose.
 * @param what `steal` or `resolve`
 * @param option how to give the reason
 */
export function parseNote(input: string, what: string, option: string): Checked<string> {
  const invalid = (message: string, remedy: string) => refuse({ code: 'invalid_note', message, remedy })
  if (input.trim() === '') return invalid(`to ${what}, give a reason; it stays in the history`, option)
  if (!input.isWellFormed() || input.includes('\0'))
    return invalid(
      'the reason contains a NUL or half a character (a lone surrogate)',
      'write it as plain text',
    )
  const length = lengthOf(input)
  return length > NOTE_LENGTH_MAX
    ? invalid(`the reason has ${length} characters; the maximum is ${NOTE_LENGTH_MAX}`, 'shorten it')
    : accept(input)
}
