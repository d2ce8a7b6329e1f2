import { type InvalidInput, openBoard, type Refused } from '@presence/core'
import { begins, nameOf, wholeSessionOn } from '@presence/core/internal'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { boardOptions, callMs } from './opening.ts'

/** How many candidates are named. */
const NAMED_MAX = 5
/** The most rows of a page. */
const ROWS = 500

/** The whole id of a session, by a board that is opened for this question alone. */
export async function wholeSessionOf(given: string, globals: Globals, io: Io): Promise<string> {
  await using board = await openBoard({
    ...boardOptions(globals, io),
    outbox: false,
    deadlineMs: callMs() / 2,
  })
  return await wholeSessionOn(board, given)
}

/** One page of things that have ids. */
interface Page {
  readonly ok: true
  readonly rows: readonly { readonly id: string }[]
  readonly next?: string | undefined
}

/**
 * The whole id of a message, a workflow or an item among those that the caller can see, or the refusal of one that
 * several begin with. An id that is not found is returned as it was given: the board then says that there is none.
 *
 * @param pages reads a page, from the cursor of the page before
 */
export async function wholeIdAmong(
  given: string,
  pages: (rows: number, cursor: string | undefined) => Promise<Page | Refused>,
): Promise<string | Refused<InvalidInput>> {
  const ids: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await pages(ROWS, cursor)
    if (!page.ok) return given
    ids.push(...page.rows.map(({ id }) => id))
    cursor = page.next
    if (cursor === undefined) break
  }
  return ids.includes(given) ? given : (onlyOne(given, ids, 'invalid_id') ?? given)
}

/** The only one of these ids that begins like this, undefined if none does, or the refusal if several do. */
export function onlyOne(
  given: string,
  ids: readonly string[],
  code: InvalidInput['code'],
): string | undefined | Refused<InvalidInput> {
  const found = [...new Set(ids)].filter(id => begins(id, given))
  if (found.length < 2) return found[0]
  const message = `several ids begin with ${nameOf(given)}: ${list(found.slice(0, NAMED_MAX).map(nameOf), found.length)}`
  return { ok: false, refusal: { code, message, remedy: 'give more of the id' } }
}

function list(named: readonly string[], count: number): string {
  return `${named.join(', ')}${count > named.length ? ' and more' : ''}`
}
