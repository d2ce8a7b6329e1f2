import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { PresenceError } from '@presence/core'
import { replaceFile } from '@presence/core/internal'

/**
 * Appends to a file completely or not at all: appending in place on a full disk could add half a line.
 *
 * @throws PresenceError `not_writable`, or `full`
 */
export function appendWhole(path: string, more: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    const before = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const gap = before.length === 0 || before.at(-1) === 0x0a ? '' : '\n'
    replaceFile(path, Buffer.concat([before, Buffer.from(gap + more)]), { flush: true })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    throw new PresenceError(
      full ? 'full' : 'not_writable',
      `${path} can't be written (${code})`,
      full ? 'make room on the disk, and run it again' : 'make its folder writable for you',
      { cause },
    )
  }
}
