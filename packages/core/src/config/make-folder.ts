import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Creates a folder and those above it, accessible to this user only. It avoids mkdir's own `recursive`
 * option, which loops forever if the file system reports an existing folder as missing (as /proc does for a
 * new folder in it).
 */
export function makeFolder(path: string): void {
  if (makeOne(path) || dirname(path) === path) return
  makeFolder(dirname(path))
  if (!makeOne(path))
    throw new Error(
      `${path} can't be created: its parent folder ${dirname(path)} exists, but its file system allows no new folder in it`,
    )
}

/**
 * Returns false if the parent folder is missing. Another process may create the same folder at the same time.
 */
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
