import { createHash } from 'node:crypto'
import type { Fact } from '@presence/core/internal'

/**
 * The most facts that an id lists.
 * If there are more, the earliest are sent again to a client that comes back.
 */
const LISTED_MAX = 700
/** The maximum length of an id: 5 characters for each fact, and some for the parts around them. */
export const ID_LENGTH_MAX = 4_096
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const HASH_LENGTH = 5
const ID = /^([\w-]{8})\.([0-9a-z]{1,9})\.((?:[\w-]{5})*)\.([\w.-]*)$/

type StandsFor = NonNullable<Fact['standsFor']>

/**
 * The facts that a listener was told: all up to a moment (`horizon`, in milliseconds since 1970), and the
 * listed ones after it. The list is needed because events become visible in any order. This is all that a
 * server needs to resume a stream, so an event's id consists of it.
 */
export class ToldFacts {
  readonly #board: string
  readonly #hashes = new Map<string, number>()
  /** Facts that were reported when only their effect was seen. Their events may come later. */
  readonly #stands: { readonly row: string; readonly what: StandsFor['what']; readonly to: number }[] = []
  #horizon: number
  /** The hashes that an id lists, joined. Undefined until an id is read. */
  #listed: string | undefined

  constructor(board: string, horizon: number) {
    this.#board = board
    this.#horizon = horizon
  }

  /** @returns undefined if it is not an event id of this board */
  static parse(id: string, board: string): ToldFacts | undefined {
    const [, name, horizon = '', hashes = '', stands = ''] = ID.exec(id) ?? []
    if (name !== board) return undefined
    const told = new ToldFacts(board, Number.parseInt(horizon, 36))
    for (let at = 0; at < hashes.length; at += HASH_LENGTH)
      told.#hashes.set(hashes.slice(at, at + HASH_LENGTH), Number.POSITIVE_INFINITY)
    for (const each of stands === '' ? [] : stands.split('.')) {
      const to = told.#horizon + Number.parseInt(each.slice(HASH_LENGTH + 1), 36)
      const what = each[HASH_LENGTH] === 'c' ? 'claimed' : 'ended'
      told.#stands.push({ row: each.slice(0, HASH_LENGTH), what, to })
    }
    return told
  }

  get horizon(): number {
    return this.#horizon
  }

  get id(): string {
    this.#listed ??= [...this.#hashes.keys()].slice(-LISTED_MAX).join('')
    const stands = this.#stands
      .slice(-20)
      .map(
        ({ row, what, to }) => `${row}${what === 'claimed' ? 'c' : 'e'}${(to - this.#horizon).toString(36)}`,
      )
    return [this.#board, this.#horizon.toString(36), this.#listed, stands.join('.')].join('.')
  }

  has({ key, at }: Pick<Fact, 'key' | 'at'>): boolean {
    return at.getTime() <= this.#horizon || this.#hashes.has(hashOf(key))
  }

  /**
   * Whether a fact was told, directly or by its effect. An effect covers one event, which this call uses up:
   * the next event of that kind is a new fact.
   */
  knows(fact: Fact): boolean {
    if (this.has(fact)) return true
    const row = hashOf(fact.row)
    const what = effectOf(fact)
    const time = fact.standsFor?.from ?? fact.at.getTime()
    const at = this.#stands.findIndex(each => each.row === row && each.what === what && time <= each.to)
    if (at < 0) return false
    this.#stands.splice(at, 1)
    this.add(fact)
    return true
  }

  add({ key, at, row, standsFor }: Fact): void {
    if (at.getTime() > this.#horizon) this.#list(hashOf(key), at.getTime())
    if (standsFor) this.#stands.push({ row: hashOf(row), what: standsFor.what, to: standsFor.to })
  }

  #list(hash: string, at: number): void {
    // One poll may bring thousands of facts, each with an id.
    // Joining all hashes again for each id takes seconds.
    if (this.#listed !== undefined && !this.#hashes.has(hash))
      this.#listed = (this.#listed + hash).slice(-LISTED_MAX * HASH_LENGTH)
    this.#hashes.set(hash, at)
  }

  /** Counts everything up to this moment as told. */
  advance(horizon: number): void {
    if (horizon <= this.#horizon) return
    this.#horizon = horizon
    for (const [hash, at] of this.#hashes)
      if (at <= horizon) {
        this.#hashes.delete(hash)
        this.#listed = undefined
      }
    const left = this.#stands.filter(({ to }) => to > horizon)
    this.#stands.splice(0, this.#stands.length, ...left)
  }
}

/**
 * Whether an event of this fact reports a claim's start or its end. Undefined for facts without an event, and
 * for resolutions, whose claims had already ended.
 */
export function effectOf({ key }: Fact): StandsFor['what'] | undefined {
  if (/^c/i.test(key)) return 'claimed'
  return /^e/i.test(key) ? 'ended' : undefined
}

/** A short name that tells boards apart, made from the board's creation time. */
export function boardName(born: Date): string {
  return hashOf(`${born.getTime()}`, 8)
}

/** A hash of the text with 6 bits per character. */
function hashOf(text: string, length = HASH_LENGTH): string {
  const bytes = createHash('sha256').update(text).digest()
  return Array.from({ length }, (_, at) => DIGITS[(bytes[at] ?? 0) & 63]).join('')
}
