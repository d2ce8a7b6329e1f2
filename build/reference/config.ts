import { checkConfig } from '../../packages/core/src/config/shape.ts'
import { block, code, page, table, text } from './markdown.ts'
import { aboutOf, type Schema, typeOf } from './schema.ts'
import { source } from './sources.ts'

/** Where a key counts. */
type Counts = 'anywhere' | 'trusted' | 'guard' | 'stricter'

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
  guard: "in your own file, and in a project's file that you trust, also if it names no board",
  stricter: "as the rest of `guard`; in an untrusted project's file only modes that are stricter count",
}

const MORE: Readonly<Record<string, More>> = {
  dsn: { otherwise: 'the embedded board', counts: 'trusted', bad: [1, ''] },
  kinds: { otherwise: 'the built-in kinds only', counts: 'anywhere', bad: ['queue', ['Queue']] },
  roles: { otherwise: 'any role', counts: 'trusted', bad: [['pm'], { PM: {} }, { pm: true }] },
  'roles.<role>.main': { otherwise: 'false', counts: 'trusted', bad: ['yes'] },
  strictIdentity: { otherwise: 'false', counts: 'trusted', bad: ['yes'] },
  project: { otherwise: "the name of the project's repository", counts: 'anywhere', bad: [1, 'Web Shop'] },
  defaultScope: { otherwise: 'labels stay as they are typed', counts: 'trusted', bad: [1, 'Prod'] },
  defaultNamespace: { otherwise: 'labels stay as they are typed', counts: 'trusted', bad: ['', 'my.shop'] },
  guard: { otherwise: 'no settings', counts: 'guard', bad: [[], { mode: {} }] },
  'guard.rules': { otherwise: 'no rules', counts: 'guard', bad: [[], { 'deployctl push *': '$1' }] },
  'guard.ignore': { otherwise: 'nothing', counts: 'guard', bad: ['kubectl *', ['']] },
  'guard.modes': { otherwise: 'the mode of `--guard`', counts: 'stricter', bad: [{ node: 'ask' }] },
  'guard.scopes': { otherwise: 'labels without a scope', counts: 'guard', bad: [{ prod: 'Prod' }] },
  'guard.aliases': { otherwise: 'no aliases', counts: 'guard', bad: [{ k: 'kubectl get' }] },
  'guard.tools': { otherwise: 'no tools', counts: 'guard', bad: [{ mcp__ops__restart: '' }] },
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
    'presence reads `.presence/config.json` in the current folder or the nearest folder above it (in a linked git worktree without one: that of the main worktree), and then your own `~/.config/presence/config.json`. Both files take the same keys. The first file that has a key decides, except for `kinds` and `guard`: the kinds of all files count, and so does each entry of `guard`, the nearest file first.',
    "A project's file needs your trust (`presence trust`) if its board is on a server or in a file outside the project, or if other users can write to it. What it says about the guard needs your trust too. `--dsn` and `PRESENCE_DSN` beat both files.",
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
  guard: {
    rules: { 'deployctl push *': 'service:$1' },
    ignore: ['kubectl label *'],
    modes: { node: 'deny' },
    scopes: { 'https://10.0.0.1:6443': 'prod' },
    aliases: { k: 'kubectl' },
  },
}

function keysIn({ properties = {} }: Schema): readonly Key[] {
  const named = Object.entries(properties).flatMap(([key, schema]): readonly Named[] => {
    if (key === '$schema') return []
    const rule = schema.additionalProperties
    const inside = typeof rule === 'object' ? Object.entries(rule.properties ?? {}) : []
    const fields = Object.entries(schema.properties ?? {})
    return [
      { key, schema, config: value => ({ [key]: value }) },
      ...fields.map(([name, field]) => ({
        key: `${key}.${name}`,
        schema: field,
        config: (value: unknown) => ({ [key]: { [name]: value } }),
      })),
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
