const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** The end of a terminal's id. Other ids that end so may be chosen, such as a job's with its commit. */
const HEX = /(?<=@)[0-9a-f]{8}$/
/** How many characters of the random part a short id has at least, so that it stays unique for a while. */
const SHOWN_MIN = 8
/** The same for an id of a terminal, which begins with its user and host. */
const SHOWN_AFTER_NAME_MIN = 4
/** The characters of a UUID of version 7 that tell when it was made: one made in the same minute begins the same. */
const UUID_7_TIME = 13
/** How many characters of the random part must be given. */
const GIVEN_MIN = 4

/** Where the random part of an id begins, which makes it too long to type. Undefined if it has none. */
function randomFrom(id: string): number | undefined {
  const at = id.search(UUID)
  if (at >= 0) return at
  const from = id.search(HEX)
  return from < 0 ? undefined : from
}

/**
 * Shortens ids: to their shortest beginning that is unique among all of these, but not to less than some characters of
 * their random part. An id without a random part, such as one that somebody chose, stays as it is.
 */
export function shortIds(ids: Iterable<string>): (id: string) => string {
  const all = [...new Set(ids)].toSorted()
  const places = new Map(all.map((id, at) => [id, at]))
  return id => {
    const from = randomFrom(id)
    if (from === undefined) return id
    const at = places.get(id) ?? all.length
    const least = from + (isVersion7(id, from) ? UUID_7_TIME : from === 0 ? SHOWN_MIN : SHOWN_AFTER_NAME_MIN)
    // The ids beside it in order share the most with it.
    const shared = [all[at - 1], all[at + 1]].map(other => (other === undefined ? 0 : sharedBy(id, other)))
    return id.slice(0, Math.max(least, ...shared.map(length => length + 1)))
  }
}

function isVersion7(id: string, from: number): boolean {
  return id.slice(from).search(UUID) === 0 && id[from + 14] === '7'
}

function sharedBy(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/**
 * Whether a text may be the beginning of a longer id. A name that somebody chose is no such beginning, so it needs no
 * look at the board, and never stands for another session.
 */
export function mayBeShort(text: string): boolean {
  return /[0-9a-f]{4}[0-9a-f-]*$/.test(text) && !/@[0-9a-f]{8}$/.test(text) && text.search(UUID) < 0
}

/** Whether `short` is the beginning of this id, with enough of its random part. */
export function begins(id: string, short: string): boolean {
  const from = randomFrom(id)
  return (
    from !== undefined && short.length >= from + GIVEN_MIN && short.length < id.length && id.startsWith(short)
  )
}
