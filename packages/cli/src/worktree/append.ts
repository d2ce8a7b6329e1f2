import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { PresenceError } from '@presence/core'

/**
 * Appends to a file completely or not at all: it writes a copy beside the file and renames it. Appending in
 * place on a full disk could cut the existing content.
 *
 * @throws PresenceError `not_writable`, or `full`
 */
export function appendWhole(path: string, more: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    const target = existsSync(path) ? realpathSync(path) : path
    const before = existsSync(target) ? readFileSync(target) : Buffer.alloc(0)
    const gap = before.length === 0 || before.at(-1) === 0x0a ? '' : '\n'
    const beside = `${target}.${process.pid}.tmp`
    try {
      const file = openSync(beside, 'w', existsSync(target) ? statSync(target).mode & 0o777 : 0o666)
      try {
        const text = Buffer.concat([before, Buffer.from(gap + more)])
        if (writeSync(file, text) < text.length) throw Object.assign(new Error(), { code: 'ENOSPC' })
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(beside, target)
    } finally {
      rmSync(beside, { force: true })
    }
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
