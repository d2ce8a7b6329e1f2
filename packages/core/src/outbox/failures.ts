import { rmSync } from 'node:fs'
import { ownText } from '../config/ownership.ts'
import { replaceFile } from '../config/replace-file.ts'
import { isFault, mayPass } from '../domain/fault.ts'
import { isObject, objectIn } from '../domain/object.ts'

/** How many times an outbox entry has failed. Times are milliseconds since 1970, by this host's clock. */
export interface Failing {
  readonly since: number
  readonly last: number
  readonly tries: number
  /** The reason of the last failure. */
  readonly reason: string
}

/**
 * The time between tries, in milliseconds: after the first, doubled with each further try, up to the maximum.
 */
const BACKOFF_MS = 1_000
const BACKOFF_MS_MAX = 60_000
/** An entry may become a dead letter after this many tries over this time, in milliseconds. */
const TRIES_MIN = 10
const PASSING_MS_MAX = 10 * 60_000
/** The same time for a fault that somebody must fix first: a grant, a migration, a full disk. */
const FIXABLE_MS_MAX = 7 * 86_400_000
/** A full outbox has some ten thousand entries. */
const BYTES_MAX = 16 << 20

/**
 * The failures of outbox entries, by id, in a file next to the outbox. Each failure delays the next try a
 * little longer. If the file can't be written, nothing is delayed and nothing becomes a dead letter.
 */
export class Failures {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  all(): Readonly<Record<string, Failing>> {
    try {
      const entries = Object.entries(objectIn(ownText(this.#file, BYTES_MAX) ?? '') ?? {})
      return Object.fromEntries(entries.filter((entry): entry is [string, Failing] => isFailing(entry[1])))
    } catch {
      return {}
    }
  }

  /** Records a failure. @returns whether the entry has failed for so long that it may be a dead letter */
  note(id: string, error: unknown, now = Date.now()): boolean {
    const all = this.all()
    const before = all[id]
    const failing = {
      since: Math.min(before?.since ?? now, now),
      last: now,
      tries: (before?.tries ?? 0) + 1,
      reason: error instanceof Error ? error.message : String(error),
    }
    this.#write({ ...all, [id]: failing })
    const limit = isFault(error) && !mayPass(error) ? FIXABLE_MS_MAX : PASSING_MS_MAX
    return failing.tries >= TRIES_MIN && now - failing.since >= limit
  }

  /** Forgets all other entries: they are done, or dead letters. */
  keepOnly(ids: ReadonlySet<string>): void {
    const all = Object.entries(this.all())
    const kept = all.filter(([id]) => ids.has(id))
    if (kept.length < all.length) this.#write(Object.fromEntries(kept))
  }

  #write(all: Readonly<Record<string, Failing>>): void {
    try {
      if (Object.keys(all).length === 0) rmSync(this.#file, { force: true })
      else replaceFile(this.#file, JSON.stringify(all), { mode: 0o600 })
    } catch {
      // Ignore: without the file no entry is delayed, and none becomes a dead letter.
    }
  }
}

/** True if the entry may be tried now, or if the clock was set back since. */
export function isDue(failing: Failing | undefined, now = Date.now()): boolean {
  if (!failing) return true
  const wait = Math.min(BACKOFF_MS * 2 ** (failing.tries - 1), BACKOFF_MS_MAX)
  return now < failing.last || now >= failing.last + wait
}

function isFailing(value: unknown): value is Failing {
  if (!isObject(value)) return false
  const { since, last, tries, reason } = value
  return [since, last, tries].every(Number.isFinite) && typeof reason === 'string'
}
