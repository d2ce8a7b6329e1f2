import type { AnswerOf, CallName, InputOf } from '../calls/table.ts'
import { type Claim, momentOf } from '../domain/claim.ts'
import type { HistoryEvent } from '../domain/history.ts'
import { type ClaimJson, claimJson, claimOfJson, type JsonView } from '../json/claim.ts'
import { type EventJson, eventJson, eventOfJson } from '../json/event.ts'

type WireKey<Key extends string> = Key extends 'label' ? 'resource_label' : Snake<Key>

type Snake<Key extends string> = Key extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Rest>}`
  : Key

/**
 * A value as JSON: claims and events as every interface shows them; else keys in snake_case, times as ISO 8601
 * in UTC, `undefined` as null.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends Claim & { readonly token: number }
    ? ClaimJson & { readonly token: number }
    : T extends Claim
      ? ClaimJson
      : T extends HistoryEvent
        ? EventJson
        : T extends undefined
          ? null
          : T extends readonly (infer Item)[]
            ? readonly Wire<Item>[]
            : T extends object
              ? { readonly [Key in keyof T as WireKey<Key & string>]: Wire<T[Key]> }
              : T

/** The keys that hold times, at any depth. */
type DateKeys<T> = T extends Date | Claim | HistoryEvent
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
  createdAt: true,
  endedAt: true,
  eventsSince: true,
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

/** @param me the session that asks, for `is_me` of claims */
export function toWire<T>(value: T, me?: string): Wire<T> {
  return encoded(value, me === undefined ? {} : { me }) as Wire<T>
}

/** @param json the output of `toWire`, of this version or another; unknown keys are kept, except those of claims and events */
export function fromWire<T>(json: unknown): T {
  return decoded(json, undefined) as T
}

/** The same for a call's input, in which null has a meaning and is kept. */
export function inputFromWire<T>(json: unknown): T {
  return decoded(json, null) as T
}

function encoded(value: unknown, view: JsonView): unknown {
  if (value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(item => encoded(item, view))
  if (typeof value !== 'object' || value === null) return value
  if (isClaim(value)) return claimJson(value, view)
  if (isEvent(value)) return eventJson(value)
  const { asOf } = value as { readonly asOf?: unknown }
  const within = asOf instanceof Date ? { ...view, asOf } : view
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [snake(key), encoded(part, within)]))
}

function decoded(json: unknown, nothing: null | undefined, key = ''): unknown {
  if (json === null) return nothing
  if (Array.isArray(json)) return json.map(item => decoded(item, nothing))
  if (typeof json === 'string' && Object.hasOwn(TIMES, key)) return momentOf(new Date(json))
  if (typeof json !== 'object') return json
  if (isClaimJson(json)) return claimOfJson(json)
  if (isEventJson(json)) return eventOfJson(json)
  const entries = Object.entries(json).map(([name, part]) => {
    const own = camel(name)
    return [own, decoded(part, nothing, own)]
  })
  return Object.fromEntries(entries)
}

// Nothing else that is sent has these keys together.
const isClaim = (value: object): value is Claim => 'claimedAt' in value && 'session' in value
const isEvent = (value: object): value is HistoryEvent => 'event' in value && 'session' in value
const isClaimJson = (json: object): json is ClaimJson => 'claimed_at' in json && 'session_id' in json
const isEventJson = (json: object): json is EventJson => 'event' in json && 'session_id' in json

function snake(key: string): string {
  if (key === 'label') return 'resource_label'
  return key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

function camel(key: string): string {
  if (key === 'resource_label') return 'label'
  return Object.hasOwn(NAMES, key)
    ? key
    : key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
