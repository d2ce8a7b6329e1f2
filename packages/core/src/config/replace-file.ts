import { chmodSync, existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'

export interface ReplaceFileOptions {
  /** The file's mode. Without it an existing file keeps its mode, and a new one gets the user's default. */
  readonly mode?: number
  /** Waits until the content is on the disk, so that a power cut loses neither version. @default false */
  readonly flush?: boolean
}

/**
 * Replaces a file in one step: writes the new content to a file next to it and renames that file. A reader
 * sees the old content or the new one, and if anything fails, for example on a full disk, the old one stays.
 * A symbolic link stays a link.
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  { mode, flush = false }: ReplaceFileOptions = {},
): void {
  const isThere = existsSync(path)
  const target = isThere ? realpathSync(path) : path
  const kept = mode === undefined && isThere ? statSync(target).mode & 0o777 : undefined
  // Importing node:crypto for the name would add 8 ms to every command.
  const beside = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}.new`
  try {
    // `wx` follows no link that somebody put there.
    writeFileSync(beside, content, { flag: 'wx', mode: mode ?? kept ?? 0o666, flush })
    // The umask may have taken bits off.
    if (kept !== undefined) chmodSync(beside, kept)
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}
