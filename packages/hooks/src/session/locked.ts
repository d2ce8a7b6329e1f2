import { rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '@presence/core/internal'

/** The work takes a few milliseconds: an older lock was left by a process that was killed. In milliseconds. */
const ABANDONED_MS = 2_000
const PAUSE_MS = 2

/**
 * Does work while no other process has the lock, which is a file that only one can create. Does it anyway if the lock
 * is still taken after `waitMs`, or can't be used: the work must happen, and two at once are rare.
 */
export function locked<T>(file: string, waitMs: number, work: () => T): T {
  const isMine = taken(file, waitMs)
  try {
    return work()
  } finally {
    if (isMine) rmSync(file, { force: true })
  }
}

function taken(file: string, waitMs: number): boolean {
  const until = Date.now() + waitMs
  try {
    makeFolder(dirname(file))
    for (;;)
      try {
        writeFileSync(file, '', { flag: 'wx', mode: 0o600 })
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > until) return false
        const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
        if (Math.abs(age) > ABANDONED_MS) rmSync(file, { force: true })
        else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
      }
  } catch {
    return false
  }
}
