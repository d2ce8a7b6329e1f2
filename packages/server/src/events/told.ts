import { createHash } from 'node:crypto'
import type { Fact } from '@presence/core'

/** So many facts are listed in an id: of more, the earliest are told again to one who comes back. */
const LISTED_MAX = 700
/** No client sends a longer one: 5 characters a fact, and some for what goes before. */
export const ID_LENGTH_MAX = 4_096
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const HASH_LENGTH = 5
const ID = /^([\w-]{8})\.([0-9a-z]{1,9})\.((?:[\w-]{5})*)\.([\w.-]*)$/

type StandsFor = NonNullable<Fact['standsFor']>

/**
 * Which facts a listener was told: all up to a moment (`horizon`, in milliseconds), and after it those listed, for events
 * become visible in any order. It is all that any server needs to go on, so an event's id is made of it.
 */
export class ToldFacts {
  readonly #board: string
  readonly #hashes = new Map<string, number>()
  /** Facts that were told by their effect: an event of theirs may come later. */
  readonly #stands: { readonly row: string; readonly what: StandsFor['what']; readonly to: number }[] = []
  #horizon: number
  /** The hashes that an id lists, joined; undefined until one is needed. */
  #listed: string | undefined

  constructor(board: string, horizon: number) {
    this.#board = board
    this.#horizon = horizon
  }

  /** @returns undefined for what is no id of this board's events */
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

  /** Was it told, by itself or by its effect? Of its effect it is the one event: the next one of its kind is another fact. */
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
    // One look may bring thousands, each with an id: joining all of them for each id takes seconds.
    if (this.#listed !== undefined && !this.#hashes.has(hash))
      this.#listed = (this.#listed + hash).slice(-LISTED_MAX * HASH_LENGTH)
    this.#hashes.set(hash, at)
  }

  /** Everything up to this moment counts as told from now on. */
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

/** What an event of this fact would tell; undefined where it leaves none, and where it is about what ended before. */
export function effectOf({ key }: Fact): StandsFor['what'] | undefined {
  if (/^c/i.test(key)) return 'claimed'
  return /^e/i.test(key) ? 'ended' : undefined
}

/** What tells a board from others: when it was made. */
export function boardName(born: Date): string {
  return hashOf(`${born.getTime()}`, 8)
}

/** 6 bits a character. */
function hashOf(text: string, length = HASH_LENGTH): string {
  const bytes = createHash('sha256').update(text).digest()
  return Array.from({ length }, (_, at) => DIGITS[(bytes[at] ?? 0) & 63]).join('')
}
