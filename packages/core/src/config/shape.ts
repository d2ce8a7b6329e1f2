import { array, check, nonEmpty, optional, pipe, safeParse, strictObject, string } from 'valibot'
import { isKindShaped } from '../domain/label.ts'
import { oneLine } from '../domain/text.ts'
import type { Config } from './file.ts'

const SHAPE = strictObject({
  dsn: optional(pipe(string('dsn must be a string'), nonEmpty('dsn must not be empty'))),
  kinds: optional(
    array(
      pipe(
        string('a kind must be a string'),
        check(isKindShaped, 'a kind has lower-case letters, digits and dashes, and begins with a letter'),
      ),
      'kinds must be a list',
    ),
  ),
})

/** A config file's content, checked: the config, or the first thing that is wrong with it. */
export function checkConfig(content: unknown): { readonly config: Config } | { readonly problem: string } {
  if (Array.isArray(content)) return { problem: 'must be an object' }
  const parsed = safeParse(SHAPE, content)
  if (parsed.success) return { config: parsed.output as Config }
  const [issue] = parsed.issues
  if (issue.type !== 'strict_object') return { problem: issue.message }
  return {
    problem: issue.expected === 'never' ? `unknown key ${oneLine(issue.received)}` : 'must be an object',
  }
}
