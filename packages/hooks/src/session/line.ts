import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, ownText, sessionFile } from '@presence/core/internal'
import type { Said } from '../hook.ts'

/** The board's state in the status line, as `presence statusline` reads it. */
interface Line {
  /** When this was the case, in milliseconds since 1970 by this host's clock. */
  readonly at: number
  /** Numbers of live claims; undefined if the board is unknown. */
  readonly mine?: number
  readonly others?: number
}

/**
 * Stores the state for the status line, which doesn't ask the board: it is drawn far more often than anything
 * changes.
 */
export function noteLine(state: string, agentSession: string, me: string | undefined, said: Said): void {
  const file = sessionFile(state, agentSession, 'line')
  const line = lineOf(me, said) ?? withMine(file, said)
  if (!line) return
  try {
    makeFolder(dirname(file))
    writeFileSync(file, JSON.stringify(line), { mode: 0o600 })
  } catch {
    // Ignore: the status line keeps showing the previous state and its age.
  }
}

function lineOf(me: string | undefined, { others }: Said): Line | undefined {
  const at = Date.now()
  if (!others) return undefined
  if (!others.known) return { at }
  const mine = others.value.claims.filter(({ session }) => session.id === me).length
  return { at, mine, others: others.value.claims.length + (others.value.moreClaims ?? 0) - mine }
}

/** After a heartbeat alone, the number of own claims is new, and that of others is the last known one. */
function withMine(file: string, { standing }: Said): Line | undefined {
  if (!standing?.known) return undefined
  try {
    const before = JSON.parse(ownText(file) ?? '') as Line
    return { ...before, mine: standing.value.mine.length }
  } catch {
    return undefined
  }
}
