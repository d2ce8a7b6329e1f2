import { KIND_SHAPE } from '../domain/label.ts'
import { nearest } from '../domain/nearest.ts'
import { isObject } from '../domain/object.ts'
import { PROJECT_SHAPE } from '../domain/project.ts'
import { ROLE_SHAPE } from '../domain/role.ts'
import { oneLine } from '../domain/text.ts'
import type { Config } from './config.ts'

// Checked by hand: every command reads the file, and a library of schemas takes longer to load than the file
// takes to check.

/** What is wrong with a value; undefined if nothing is. */
type Check = (value: unknown) => string | undefined
type Checks = Readonly<Record<string, Check>>

const flag =
  (name: string): Check =>
  value =>
    typeof value === 'boolean' ? undefined : `${name} must be true or false`

const text =
  (name: string, shape?: RegExp, problem?: string): Check =>
  value => {
    if (typeof value !== 'string') return `${name} must be a string`
    return shape && !shape.test(value) ? problem : undefined
  }

const kind = text(
  'a kind',
  KIND_SHAPE,
  'a kind has at most 32 characters: lower-case letters, digits and dashes; it begins with a letter',
)
const role = text(
  'a role',
  ROLE_SHAPE,
  'a role has at most 40 characters: lower-case letters, digits, - and _; it begins with a letter or a digit',
)
const project = text(
  'project',
  PROJECT_SHAPE,
  'project has at most 64 characters: lower-case letters, digits, "-", "_" and "."; it begins with a letter or a digit',
)
const RULE: Checks = { main: flag('main') }

/** The keys of a config file. `schema/config.schema.json` describes the same keys for editors. */
const KEYS: Readonly<Record<keyof Config | '$schema', Check>> = {
  // Editors complete and check a file by the schema that it names.
  $schema: text('$schema'),
  dsn: text('dsn', /./s, 'dsn must not be empty'),
  kinds: value => (Array.isArray(value) ? firstOf(value, kind) : 'kinds must be a list'),
  roles: value =>
    isObject(value)
      ? firstOf(Object.entries(value), ([name, rule]) => role(name) ?? problemInRule(rule, name))
      : 'roles must be an object: {"backend": {}}',
  strictIdentity: flag('strictIdentity'),
  project,
}

/** Checks a config file's content. Returns the config, or the first problem in it. */
export function checkConfig(content: unknown): { readonly config: Config } | { readonly problem: string } {
  if (!isObject(content)) return { problem: 'must be an object' }
  const problem = problemIn(content, KEYS)
  return problem === undefined ? { config: content } : { problem }
}

function problemInRule(rule: unknown, name: string): string | undefined {
  if (!isObject(rule)) return 'a role\'s value must be an object: {} or {"main": true}'
  return problemIn(rule, RULE, ` in roles.${name}`)
}

function problemIn(fields: object, checks: Checks, where = ''): string | undefined {
  return firstOf(Object.entries(fields), ([key, value]) =>
    Object.hasOwn(checks, key) ? checks[key]?.(value) : unknownKey(key, Object.keys(checks), where),
  )
}

function unknownKey(key: string, known: readonly string[], where: string): string {
  const problem = `unknown key ${JSON.stringify(oneLine(key))}${where}`
  const guess = nearest(key, known)
  return guess === undefined ? problem : `${problem}; did you mean ${guess}?`
}

/** The problem of the first value that has one. */
function firstOf<Value>(values: readonly Value[], check: (value: Value) => string | undefined) {
  for (const value of values) {
    const problem = check(value)
    if (problem !== undefined) return problem
  }
  return undefined
}
