import { PURPOSE_LENGTH_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { lengthOf } from './text.ts'

/** Parses a purpose. It is stored as given, and refused only if it is blank, malformed or too long. */
export function parsePurpose(input: string): Checked<string> {
  if (input.trim() === '')
    return invalid(
      'a claim needs a purpose',
      'say what you are changing and why, such as "drain for kernel upgrade"',
    )
  if (!input.isWellFormed() || input.includes('\0'))
    return invalid(
      'the purpose contains a NUL or half a character (a lone surrogate)',
      'write it as plain text',
    )
  const length = lengthOf(input)
  if (length > PURPOSE_LENGTH_MAX)
    return invalid(
      `the purpose has ${length} characters; the maximum is ${PURPOSE_LENGTH_MAX}`,
      'shorten it, and link to the rest',
    )
  return accept(input)
}

function invalid(message: string, remedy: string): Checked<string> {
  return refuse({ code: 'invalid_purpose', message, remedy })
}
