import { existsSync } from 'node:fs'
import { dirname } from 'node:path'

/** The folder, or the nearest existing folder above it. */
export function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}
