import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, for its user only. Not by mkdir's own `recursive`, which tries for ever where a
 * file system says that an existing folder isn't there (as /proc does for a folder to be made in it).
 */
export function makeFolder(path: string): void {
  if (makeOne(path) || dirname(path) === path) return
  makeFolder(dirname(path))
  if (!makeOne(path)) throw new Error(`${path} can not be made where ${dirname(path)} says that it is there`)
}

/** False where the folder above is missing. Another process may make the same one at the same time. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && statSync(path).isDirectory()) return true
    if (code === 'ENOENT') return false
    throw error
  }
}
