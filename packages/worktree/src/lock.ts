import { join } from 'node:path'
import { PresenceError } from '@presence/core'
import { Deadline, withLock } from '@presence/core/internal'
import { type Refused, refuse } from './refusal.ts'
import type { Repository } from './repository.ts'

/** Checking out a large repository takes minutes. */
const WAIT_MS = 600_000
const TOLD_AFTER_MS = 1_000

/** Runs work that changes worktrees while no other presence command does so in this repository. */
export async function alone<T>({ common, say }: Repository, work: () => Promise<T>): Promise<T | Refused> {
  const told = setTimeout(() => say('waiting for another presence command in this repository'), TOLD_AFTER_MS)
  const begun = async () => {
    clearTimeout(told)
    return { said: await work() }
  }
  try {
    const done = await withLock(join(common, 'presence.lock'), Deadline.after(WAIT_MS), begun)
    if (done) return done.said
    return refuse(
      'busy',
      'another presence command has been running in this repository for 10 minutes',
      'try again',
    )
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_SQLITE_ERROR') throw cause
    throw new PresenceError(
      'not_writable',
      `${common} can't be written: ${(cause as Error).message}`,
      'make it writable for you, and make room on its disk',
      { cause },
    )
  } finally {
    clearTimeout(told)
  }
}
