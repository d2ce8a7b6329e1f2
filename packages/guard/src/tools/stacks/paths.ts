import { posix } from 'node:path'

/** A path that may be relative to a folder; undefined if that folder isn't known. */
export function joinPath(folder: string | undefined, path = '.'): string | undefined {
  if (path.startsWith('/')) return posix.normalize(path)
  return folder === undefined ? undefined : posix.join(folder, path)
}

/** The last folder of a path; undefined for the root. */
export function lastFolder(path: string): string | undefined {
  return posix.basename(path.replace(/\/+$/, '')) || undefined
}
