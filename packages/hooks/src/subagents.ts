import { fileNameOf } from '@presence/core/internal'
import type { Stamp } from './host.ts'

/** How many keys a session's record keeps of what its subagents were told. The latest are kept. */
const KEYS_MAX = 500

/**
 * What an agent was told of its session's claims, as keys. A subagent has a context of its own: what it was told, the
 * agent that started it was not.
 *
 * @param subagent its id; undefined for the session's own agent
 */
export function toldTo(subagent: string | undefined, stamp: Stamp): ReadonlySet<string> {
  const start = prefixOf(subagent)
  const own = [...stamp.told()].filter(key => isOf(start, key))
  return new Set(own.map(key => key.slice(start.length)))
}

/** Records what an agent was told, and keeps what the others of its session were. */
export function tellTo(
  subagent: string | undefined,
  stamp: Stamp,
  asOf: Date,
  keys: readonly string[],
): void {
  const start = prefixOf(subagent)
  const others = [...stamp.told()].filter(key => !isOf(start, key))
  const [mine, rest] = [keys.map(key => start + key), others]
  stamp.tell(
    asOf,
    subagent === undefined ? [...mine, ...rest.slice(-KEYS_MAX)] : [...rest, ...mine.slice(-KEYS_MAX)],
  )
}

function prefixOf(subagent: string | undefined): string {
  return subagent === undefined ? '' : `${fileNameOf(subagent)} `
}

/** A key begins with a bracket; before that of a subagent, its id stands. */
function isOf(start: string, key: string): boolean {
  return start === '' ? key.startsWith('[') : key.startsWith(start)
}
