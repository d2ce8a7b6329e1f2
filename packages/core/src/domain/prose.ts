import { accept, type Checked, type InvalidInput, refuse } from './refusal.ts'
import { cutTo, hasControl, lengthOf, oneLine } from './text.ts'

interface Rule {
  /** The name of the text in messages: `the subject`. */
  readonly name: string
  readonly max: number
  readonly code: InvalidInput['code']
  readonly remedy: string
}

/** Parses a text that is stored as given. Refused only if it is blank, malformed or too long. */
export function parseProse(input: string, rule: Rule): Checked<string> {
  if (input.trim() === '') return invalid(rule, 'is blank')
  return wellFormed(input, rule)
}

/** Parses an optional text. A blank text becomes undefined. */
export function parseOptionalProse(input: string | undefined, rule: Rule): Checked<string | undefined> {
  return input === undefined || input.trim() === '' ? accept(undefined) : wellFormed(input, rule)
}

/**
 * Parses a name that others type too: on one line, without invisible characters, and without spaces around
 * it.
 */
export function parseName(input: string, rule: Rule): Checked<string> {
  if (input.trim() === '') return invalid(rule, 'is blank')
  if (!input.isWellFormed() || hasControl(input))
    return invalid(rule, `"${oneLine(cutTo(input, 40))}" contains a control character`)
  if (input !== input.trim())
    return invalid(rule, `"${oneLine(cutTo(input, 40))}" has spaces around it`, input.trim())
  return wellFormed(input.normalize('NFC'), rule)
}

function wellFormed(input: string, rule: Rule): Checked<string> {
  if (!input.isWellFormed() || input.includes('\0'))
    return invalid(rule, 'contains a NUL or half a character (a lone surrogate)')
  const length = lengthOf(input)
  return length > rule.max
    ? invalid(rule, `has ${length} characters; the maximum is ${rule.max}`)
    : accept(input)
}

function invalid({ name, code, remedy }: Rule, reason: string, near?: string): Checked<never> {
  return refuse({
    code,
    message: `${name} ${reason}`,
    remedy,
    ...(near === undefined ? {} : { nearest: near }),
  })
}
