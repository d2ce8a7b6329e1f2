import { array, description, nonEmpty, optional, pipe, regex, safeParse, strictObject, string } from 'valibot'
import { KIND_SHAPE } from '../domain/label.ts'
import { nearest } from '../domain/nearest.ts'
import { PROJECT_SHAPE } from '../domain/project.ts'
import { oneLine } from '../domain/text.ts'
import type { Config } from './file.ts'

/** What a config file may hold. `schema/config.schema.json` is made from it. */
export const SHAPE = strictObject({
  // For editors, which complete and check a file by the schema that it names.
  $schema: optional(string('$schema must be a string')),
  dsn: optional(
    pipe(
      string('dsn must be a string'),
      nonEmpty('dsn must not be empty'),
      description('Where the board is: mysql://user@host:3306/database or sqlite:<file>'),
    ),
  ),
  kinds: optional(
    pipe(
      array(
        pipe(
          string('a kind must be a string'),
          regex(
            KIND_SHAPE,
            'a kind has lower-case letters, digits and dashes, and begins with a letter; it has at most 32 of them',
          ),
        ),
        'kinds must be a list',
      ),
      description('Kinds of label that this project knows besides the built-in ones'),
    ),
  ),
  project: optional(
    pipe(
      string('project must be a string'),
      regex(
        PROJECT_SHAPE,
        'project has lower-case letters, digits, "-", "_" and ".", begins with a letter or a digit, and has at most 64 of them',
      ),
      description(
        'The key of this project, for messages, components and work; else the name of its repository',
      ),
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
  if (issue.expected !== 'never') return { problem: 'must be an object' }
  const guess = nearest(String(issue.path?.[0].key), Object.keys(SHAPE.entries))
  const unknown = `unknown key ${oneLine(issue.received)}`
  return { problem: guess === undefined ? unknown : `${unknown}; did you mean ${guess}?` }
}
