import { checkConfig } from '../../packages/core/src/config/shape.ts'
import { block, code, page, table, text } from './markdown.ts'
import { aboutOf, type Schema, typeOf } from './schema.ts'
import { source } from './sources.ts'

/** Where a key counts. */
type Counts = 'anywhere' | 'trusted'

/** What the schema doesn't say of a key. */
interface More {
  /** What counts without the key. */
  readonly otherwise: string
  readonly counts: Counts
  /** Values that are refused, each for another reason. */
  readonly bad: readonly unknown[]
}

interface Named {
  readonly key: string
  readonly schema: Schema
  /** Makes a config with this value of the key. */
  readonly config: (value: unknown) => unknown
}

type Key = Named & More

const COUNTS: Readonly<Record<Counts, string>> = {
  anywhere: "in any file; in an untrusted project's file too",
  trusted: 'in any file that needs no trust or is trusted',
}

const MORE: Readonly<Record<string, More>> = {
  dsn: { otherwise: 'the embedded board', counts: 'trusted', bad: [1, ''] },
  kinds: { otherwise: 'the built-in kinds only', counts: 'anywhere', bad: ['queue', ['Queue']] },
  roles: { otherwise: 'any role', counts: 'trusted', bad: [['pm'], { PM: {} }, { pm: true }] },
  'roles.<role>.main': { otherwise: 'false', counts: 'trusted', bad: ['yes'] },
  strictIdentity: { otherwise: 'false', counts: 'trusted', bad: ['yes'] },
  project: { otherwise: "the name of the project's repository", counts: 'anywhere', bad: [1, 'Web Shop'] },
}

/**
 * The page of the config file's keys, from the schema that editors use. What a key refuses is what the check of the
 * file says.
 *
 * @throws Error if a key is not described here, or a value that is named as bad is accepted
 */
export function configPage(): string {
  const keys = keysIn(JSON.parse(source('packages/core/schema/config.schema.json')) as Schema)
  return page(
    'Config file',
    'packages/core/schema/config.schema.json and packages/core/src/config',
    'presence reads `.presence/config.json` in the current folder or the nearest folder above it (in a linked git worktree without one: that of the main worktree), and then your own `~/.config/presence/config.json`. Both files take the same keys. The first file that has a key decides, except for `kinds`: the kinds of all files count.',
    "A project's file needs your trust (`presence trust`) if its board is on a server or in a file outside the project, or if other users can write to it. `--dsn` and `PRESENCE_DSN` beat both files.",
    table(
      ['Key', 'Type', 'Default', 'Meaning'],
      keys.map(({ key, schema, otherwise }) => [code(key), typeOf(schema), text(otherwise), aboutOf(schema)]),
    ),
    block('json', JSON.stringify(EXAMPLE, undefined, 2)),
    '## Where a key counts',
    table(
      ['Key', 'Counts'],
      keys.map(({ key, counts }) => [code(key), COUNTS[counts]]),
    ),
    '## What is refused',
    'A file that is refused is an error (`invalid_config`, exit 2): without it, claims would go to another board than those of the team. Unknown keys are refused too.',
    table(
      ['Key', 'Value', 'Message'],
      keys.flatMap(each =>
        each.bad.map(value => [code(each.key), code(JSON.stringify(value)), refusalOf(each, value)]),
      ),
    ),
  )
}

const EXAMPLE = {
  dsn: 'mysql://presence@db.example/presence',
  kinds: ['queue'],
  project: 'web-shop',
  roles: { pm: { main: true }, backend: {} },
}

function keysIn({ properties = {} }: Schema): readonly Key[] {
  const named = Object.entries(properties).flatMap(([key, schema]): readonly Named[] => {
    if (key === '$schema') return []
    const rule = schema.additionalProperties
    const inside = typeof rule === 'object' ? Object.entries(rule.properties ?? {}) : []
    return [
      { key, schema, config: value => ({ [key]: value }) },
      ...inside.map(([name, field]) => ({
        key: `${key}.<role>.${name}`,
        schema: field,
        config: (value: unknown) => ({ [key]: { pm: { [name]: value } } }),
      })),
    ]
  })
  return named.map(each => {
    const more = MORE[each.key]
    if (!more) throw new Error(`build/reference/config.ts doesn't describe the key ${each.key}`)
    return { ...each, ...more }
  })
}

function refusalOf({ key, config }: Key, value: unknown): string {
  const checked = checkConfig(config(value))
  if ('config' in checked) throw new Error(`${key} accepts ${JSON.stringify(value)}`)
  return text(checked.problem)
}
