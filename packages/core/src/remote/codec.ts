import type { AnswerOf, CallName, InputOf } from '../calls/table.ts'
import { momentOf } from '../domain/claim.ts'
import type { JsonView } from '../json/claim.ts'
import { type Thing, type ThingJson, thingJson, thingOfJson } from '../json/thing.ts'

/** Keys with another name in JSON, besides snake_case. */
const NAMES = { label: 'resource_label', project: 'project_key' } as const
/** The same for a call's input. Only there, `to` is always a session and `workflow` an id. */
const INPUT_NAMES = { ...NAMES, to: 'to_session', workflow: 'workflow_id' } as const

type Names = Readonly<Record<string, string>>

type WireKey<Key extends string, Own extends Names> = Key extends keyof Own ? Own[Key] : Snake<Key>

type Snake<Key extends string> = Key extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Rest>}`
  : Key

/**
 * An answer as JSON: claims, events, messages, components, workflows and items as every interface shows them;
 * else keys in snake_case, times as ISO 8601 in UTC, `undefined` as null.
 */
export type Wire<T, Own extends Names = typeof NAMES> = T extends Date
  ? string
  : T extends Thing
    ? ThingJson<T>
    : T extends undefined
      ? null
      : T extends readonly (infer Item)[]
        ? readonly Wire<Item, Own>[]
        : T extends object
          ? { readonly [Key in keyof T as WireKey<Key & string, Own>]: Wire<T[Key], Own> }
          : T

/**
 * A call's input as JSON. Its keys have the same names as the same fields in answers: `to_session`,
 * `workflow_id`.
 */
export type InputWire<T> = Wire<T, typeof INPUT_NAMES>

/** The keys that hold times, at any depth. */
type DateKeys<T> = T extends Date | Thing
  ? never
  : T extends readonly (infer Item)[]
    ? DateKeys<Item>
    : T extends object
      ? { [Key in keyof T]-?: (Date extends T[Key] ? Key : never) | DateKeys<T[Key]> }[keyof T]
      : never

type Spoken = { [Name in CallName]: InputOf<Name> | AnswerOf<Name> }[CallName]

/**
 * JSON doesn't tell which strings are times. A key that is missing here, or that holds no time, doesn't
 * compile.
 */
const TIMES: Readonly<Record<DateKeys<Spoken> & string, true>> = {
  asOf: true,
  born: true,
  commandsSince: true,
  endedAt: true,
  eventsSince: true,
  lastSeen: true,
  now: true,
  saidAt: true,
  startedAt: true,
}

/** How keys and nulls in JSON are read. */
interface Reading {
  /** The library's names of keys, by their names in JSON. */
  readonly names: Names
  readonly nothing: null | undefined
}
const ANSWER: Reading = { names: inverse(NAMES), nothing: undefined }
/** In an input null has a meaning, and is kept. */
const INPUT: Reading = { names: inverse(INPUT_NAMES), nothing: null }

/** @param me the session that asks, for `is_me` of claims */
export function toWire<T>(value: T, me?: string): Wire<T> {
  return encoded(value, NAMES, me === undefined ? {} : { me }) as Wire<T>
}

/** @param json the output of `toWire`, of this version or another; unknown keys are kept, except those of things */
export function fromWire<T>(json: unknown): T {
  return decoded(json, ANSWER) as T
}

/** The same for a call's input. */
export function inputToWire<T>(input: T): InputWire<T> {
  return encoded(input, INPUT_NAMES, {}) as InputWire<T>
}

export function inputFromWire<T>(json: unknown): T {
  return decoded(json, INPUT) as T
}

function encoded(value: unknown, names: Names, view: JsonView): unknown {
  if (value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(item => encoded(item, names, view))
  if (typeof value !== 'object' || value === null) return value
  const thing = thingJson(value, view)
  if (thing) return thing
  const { asOf } = value as { readonly asOf?: unknown }
  const within = asOf instanceof Date ? { ...view, asOf } : view
  const entries = Object.entries(value).map(([key, part]) => [
    ownIn(names, key) ?? snake(key),
    encoded(part, names, within),
  ])
  return Object.fromEntries(entries)
}

function decoded(json: unknown, how: Reading, key = ''): unknown {
  if (json === null) return how.nothing
  if (Array.isArray(json)) return json.map(item => decoded(item, how))
  if (typeof json === 'string' && Object.hasOwn(TIMES, key)) return momentOf(new Date(json))
  if (typeof json !== 'object') return json
  const thing = thingOfJson(json)
  if (thing) return thing
  const entries = Object.entries(json).map(([name, part]) => {
    const own = ownIn(how.names, name) ?? camel(name)
    return [own, decoded(part, how, own)]
  })
  return Object.fromEntries(entries)
}

function ownIn(names: Names, key: string): string | undefined {
  return Object.hasOwn(names, key) ? names[key] : undefined
}

function inverse(names: Names): Names {
  return Object.fromEntries(Object.entries(names).map(([own, name]) => [name, own]))
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
