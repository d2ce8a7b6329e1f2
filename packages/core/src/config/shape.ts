import {
  array,
  boolean,
  description,
  nonEmpty,
  optional,
  pipe,
  record,
  regex,
  safeParse,
  strictObject,
  string,
} from 'valibot'
import { KIND_SHAPE } from '../domain/label.ts'
import { nearest } from '../domain/nearest.ts'
import { PROJECT_SHAPE } from '../domain/project.ts'
import { ROLE_SHAPE } from '../domain/role.ts'
import { oneLine } from '../domain/text.ts'
import type { Config } from './config.ts'

const ROLE = strictObject(
  {
    main: optional(
      pipe(boolean('main must be true or false'), description('It may work in the main worktree')),
    ),
  },
  'a role\'s value must be an object: {} or {"main": true}',
)

/** The shape of a config file. `schema/config.schema.json` is generated from it. */
export const SHAPE = strictObject({
  // Editors complete and check a file by the schema that it names.
  $schema: optional(string('$schema must be a string')),
  dsn: optional(
    pipe(
      string('dsn must be a string'),
      nonEmpty('dsn must not be empty'),
      description('Where the board is: mysql://user@host:3306/database, http://host:8787 or sqlite:<file>'),
    ),
  ),
  kinds: optional(
    pipe(
      array(
        pipe(
          string('a kind must be a string'),
          regex(
            KIND_SHAPE,
            'a kind has at most 32 characters: lower-case letters, digits and dashes; it begins with a letter',
          ),
        ),
        'kinds must be a list',
      ),
      description('Kinds of label that this project knows besides the built-in ones'),
    ),
  ),
  roles: optional(
    pipe(
      record(
        pipe(
          string('a role must be a string'),
          regex(
            ROLE_SHAPE,
            'a role has at most 40 characters: lower-case letters, digits, - and _; it begins with a letter or a digit',
          ),
        ),
        ROLE,
        'roles must be an object: {"backend": {}}',
      ),
      description('Who may work in a worktree of this project, by role'),
    ),
  ),
  strictIdentity: optional(
    pipe(
      boolean('strictIdentity must be true or false'),
      description("Block the prompts of an agent's session that has none of these roles"),
    ),
  ),
  project: optional(
    pipe(
      string('project must be a string'),
      regex(
        PROJECT_SHAPE,
        'project has at most 64 characters: lower-case letters, digits, "-", "_" and "."; it begins with a letter or a digit',
      ),
      description(
        'The key of this project, for messages, components and work; by default the name of its repository',
      ),
    ),
  ),
})

/** Checks a config file's content. Returns the config, or the first problem in it. */
export function checkConfig(content: unknown): { readonly config: Config } | { readonly problem: string } {
  if (Array.isArray(content)) return { problem: 'must be an object' }
  if (Array.isArray((content as { roles?: unknown } | null)?.roles))
    return { problem: 'roles must be an object: {"backend": {}}' }
  const parsed = safeParse(SHAPE, content)
  if (parsed.success) return { config: parsed.output as Config }
  const [issue] = parsed.issues
  if (issue.expected !== 'never' || issue.type !== 'strict_object') {
    const isTop = issue.type === 'strict_object' && issue.path === undefined
    return { problem: isTop ? 'must be an object' : issue.message }
  }
  const [key, ...above] = (issue.path ?? []).map(each => String(each.key)).reverse()
  const guess = nearest(key ?? '', Object.keys((above.length === 0 ? SHAPE : ROLE).entries))
  const where = above.length === 0 ? '' : ` in ${oneLine(above.reverse().join('.'))}`
  const unknown = `unknown key ${JSON.stringify(oneLine(key ?? ''))}${where}`
  return { problem: guess === undefined ? unknown : `${unknown}; did you mean ${guess}?` }
}
