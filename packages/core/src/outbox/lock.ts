import type { DatabaseSync } from 'node:sqlite'
import { type Deadline, ownWork } from '../deadline.ts'

/**
 * Runs `work` while no other process holds the lock; returns undefined if the lock wasn't free by the
 * deadline. The lock is SQLite's on an empty file, because the system releases it if its process dies in any
 * way.
 */
export async function withLock<T>(
  file: string,
  deadline: Deadline,
  work: () => Promise<T> | T,
): Promise<T | undefined> {
  const lock = await ownWork(async () => {
    const { DatabaseSync } = await import('node:sqlite')
    return new DatabaseSync(file, { timeout: 0 })
  })
  try {
    while (!taken(lock)) {
      if (deadline.passed) return undefined
      await deadline.pause(5 + Math.random() * 15)
    }
    return await work()
  } finally {
    lock.close()
  }
}

function taken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) return false
    throw error
  }
}
