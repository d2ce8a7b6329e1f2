import { quoted } from '../domain/agent-text.ts'
import { KIND_SHAPE } from '../domain/label.ts'
import { nearest } from '../domain/nearest.ts'
import { isObject } from '../domain/object.ts'
import { PROJECT_SHAPE } from '../domain/project.ts'
import { ROLE_SHAPE } from '../domain/role.ts'
import { type Config, GUARD_MODES, type GuardConfig } from './config.ts'

// Checked by hand: every command reads the file, and a library of schemas takes longer to load than the file
// takes to check.

/** What is wrong with the value at this place of the file, such as `kinds[1]`; undefined if nothing is. */
type Check = (value: unknown, at: string) => string | undefined
type Checks = Readonly<Record<string, Check>>

/** The number of characters shown of a text from the file. */
const SHOWN_MAX = 40

const flag: Check = (value, at) => (typeof value === 'boolean' ? undefined : `${at} must be true or false`)

const text: Check = (value, at) => (typeof value === 'string' ? undefined : `${at} must be a string`)

const textOf =
  (what: string, shape: RegExp, rule: string): Check =>
  (value, at) => {
    if (typeof value !== 'string') return text(value, at)
    return shape.test(value) ? undefined : `${shown(value)} can't be a ${what}: a ${what} has at most ${rule}`
  }

const kind = textOf(
  'kind',
  KIND_SHAPE,
  '32 characters: lower-case letters, digits and dashes; it begins with a letter',
)
const role = textOf(
  'role',
  ROLE_SHAPE,
  '40 characters: lower-case letters, digits, - and _; it begins with a letter or a digit',
)
const project = textOf(
  'project',
  PROJECT_SHAPE,
  '64 characters: lower-case letters, digits, "-", "_" and "."; it begins with a letter or a digit',
)
const RULE: Checks = { main: flag }
const filled: Check = (value, at) => (value === '' ? `${at} must not be empty` : text(value, at))
const SCOPE_SHAPE = /^[a-z0-9][a-z0-9.-]{0,62}$/
const scope = textOf(
  'scope',
  SCOPE_SHAPE,
  '63 characters: lower-case letters, digits, "-" and "."; it begins with a letter or a digit',
)
const NAMESPACE_SHAPE = /^[a-z0-9][a-z0-9-]{0,62}$/
const namespace = textOf(
  'namespace',
  NAMESPACE_SHAPE,
  '63 characters: lower-case letters, digits and dashes; it begins with a letter or a digit',
)
const mode: Check = (value, at) =>
  (GUARD_MODES as readonly unknown[]).includes(value)
    ? undefined
    : `${at} must be one of ${GUARD_MODES.join(', ')}`
/** A label whose name, or even kind, may be filled in later. */
const template: Check = (value, at) =>
  typeof value === 'string' && /^[^\s:]+:\S/.test(value) && value.length <= 255
    ? undefined
    : `${at} must be a label, for example service:$1`

const listOf =
  (check: Check): Check =>
  (value, at) =>
    Array.isArray(value)
      ? firstOf([...value.entries()], ([index, each]) => check(each, `${at}[${index}]`))
      : `${at} must be a list`

/** An object whose keys somebody chose. The message doesn't show a key: it may be anything. */
const mapOf =
  (key: Check, check: Check): Check =>
  (value, at) =>
    isObject(value)
      ? firstOf(
          Object.entries(value),
          ([name, each]) => key(name, `a key of ${at}`) ?? check(each, `${at}.${named(name)}`),
        )
      : `${at} must be an object`

const word: Check = (value, at) =>
  typeof value === 'string' && /^[^\s/'"\\]+$/.test(value) ? undefined : `${at} must be one word`

const GUARD: Readonly<Record<keyof GuardConfig, Check>> = {
  rules: mapOf(filled, template),
  ignore: listOf(filled),
  modes: mapOf(kind, mode),
  scopes: mapOf(filled, scope),
  aliases: mapOf(word, word),
  tools: mapOf(filled, template),
}

/** The keys of a config file. `schema/config.schema.json` describes the same keys for editors. */
const KEYS: Readonly<Record<keyof Config | '$schema', Check>> = {
  // Editors complete and check a file by the schema that it names.
  $schema: text,
  dsn: filled,
  kinds: listOf(kind),
  roles: (value, at) =>
    isObject(value)
      ? firstOf(
          Object.entries(value),
          ([name, rule]) => role(name, at) ?? problemInRule(rule, `${at}.${name}`),
        )
      : `${at} must be an object: {"backend": {}}`,
  strictIdentity: flag,
  project,
  defaultScope: scope,
  defaultNamespace: namespace,
  guard: (value, at) =>
    isObject(value) ? problemIn(value, GUARD, at) : `${at} must be an object: {"modes": {"node": "deny"}}`,
}

/** Checks a config file's content. Returns the config, or the first problem in it. */
export function checkConfig(content: unknown): { readonly config: Config } | { readonly problem: string } {
  if (!isObject(content)) return { problem: 'must be an object' }
  const problem = problemIn(content, KEYS)
  return problem === undefined ? { config: content } : { problem }
}

function problemInRule(rule: unknown, at: string): string | undefined {
  return isObject(rule) ? problemIn(rule, RULE, at) : `${at} must be an object: {} or {"main": true}`
}

function problemIn(fields: object, checks: Checks, at?: string): string | undefined {
  return firstOf(Object.entries(fields), ([key, value]) =>
    Object.hasOwn(checks, key)
      ? checks[key]?.(value, at === undefined ? key : `${at}.${key}`)
      : unknownKey(key, Object.keys(checks), at),
  )
}

function unknownKey(key: string, known: readonly string[], at: string | undefined): string {
  const problem = `unknown key ${shown(key)}${at === undefined ? '' : ` in ${at}`}`
  const guess = key.length <= SHOWN_MAX ? nearest(key, known) : undefined
  return guess === undefined ? problem : `${problem}; did you mean ${guess}?`
}

/**
 * A text of the file as a message shows it. Hooks show the message to agents, and somebody else may have
 * written the file. A misplaced DSN may have a password in it, at any place, so nothing of it is shown.
 */
function shown(given: string): string {
  return /:\/\/|@/.test(given) ? '"***"' : quoted(given, SHOWN_MAX)
}

/** A key as a part of a path. */
function named(key: string): string {
  const text = shown(key)
  return text === `"${key}"` && /^[\w-]+$/.test(key) ? key : text
}

/** The problem of the first value that has one. */
function firstOf<Value>(values: readonly Value[], check: (value: Value) => string | undefined) {
  for (const value of values) {
    const problem = check(value)
    if (problem !== undefined) return problem
  }
  return undefined
}
