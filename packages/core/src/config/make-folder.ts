import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Creates a folder and those above it, by default accessible to this user only. It avoids mkdir's own `recursive`
 * option, which loops forever if the file system reports an existing folder as missing (as /proc does for a
 * new folder in it).
 *
 * @param mode the mode of each new folder, before the umask
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (makeOne(path, mode) || dirname(path) === path) return
  makeFolder(dirname(path), mode)
  if (makeOne(path, mode)) return
  const message = `${path} can't be created: its parent folder ${dirname(path)} exists, but its file system allows no new folder in it`
  throw Object.assign(new Error(message), { code: 'ENOENT' })
}

/**
 * Returns false if the parent folder is missing. Another process may create the same folder at the same time.
 */
function makeOne(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode })
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && statSync(path).isDirectory()) return true
    if (code === 'ENOENT') return false
    throw error
  }
}
