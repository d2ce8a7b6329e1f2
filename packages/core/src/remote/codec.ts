import type { AnswerOf, CallName, InputOf } from '../calls/table.ts'
import { momentOf } from '../domain/claim.ts'

type Snake<Key extends string> = Key extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Rest>}`
  : Key

/** A value as JSON: keys in snake_case, times as ISO 8601 in UTC, `undefined` as null. */
export type Wire<T> = T extends Date
  ? string
  : T extends undefined
    ? null
    : T extends readonly (infer Item)[]
      ? readonly Wire<Item>[]
      : T extends object
        ? { readonly [Key in keyof T as Snake<Key & string>]: Wire<T[Key]> }
        : T

/** The keys that hold times, at any depth. */
type DateKeys<T> = T extends Date
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
  activeAt: true,
  asOf: true,
  at: true,
  born: true,
  claimedAt: true,
  createdAt: true,
  endedAt: true,
  eventsSince: true,
  expiresAt: true,
  lapsedAt: true,
  lastSeen: true,
  now: true,
  readAt: true,
  saidAt: true,
  sentAt: true,
  startedAt: true,
  updatedAt: true,
}

/** Keys that are names from the board and keep their `_`. No other key of an answer contains a `_`. */
type NamedKeys<T> = T extends Date
  ? never
  : T extends readonly (infer Item)[]
    ? NamedKeys<Item>
    : T extends object
      ?
          | (keyof T extends infer Key ? (Key extends `${string}_${string}` ? Key : never) : never)
          | { [Key in keyof T]-?: NamedKeys<T[Key]> }[keyof T]
      : never

/** A key that is missing here, or that isn't such a name, doesn't compile. */
const NAMES: Readonly<Record<NamedKeys<Spoken>, true>> = { in_progress: true }

export function toWire<T>(value: T): Wire<T> {
  return encoded(value) as Wire<T>
}

/** @param json the output of `toWire`, of this version or another; unknown keys are kept */
export function fromWire<T>(json: unknown): T {
  return decoded(json, undefined) as T
}

/** The same for a call's input, in which null has a meaning and is kept. */
export function inputFromWire<T>(json: unknown): T {
  return decoded(json, null) as T
}

function encoded(value: unknown): unknown {
  if (value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(encoded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [snake(key), encoded(part)]))
}

function decoded(json: unknown, nothing: null | undefined, key = ''): unknown {
  if (json === null) return nothing
  if (Array.isArray(json)) return json.map(item => decoded(item, nothing))
  if (typeof json === 'string' && Object.hasOwn(TIMES, key)) return momentOf(new Date(json))
  if (typeof json !== 'object') return json
  const entries = Object.entries(json).map(([name, part]) => {
    const own = camel(name)
    return [own, decoded(part, nothing, own)]
  })
  return Object.fromEntries(entries)
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

function camel(key: string): string {
  return Object.hasOwn(NAMES, key)
    ? key
    : key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
