import { readBounded } from '@presence/core/internal'

/** An agent may keep much of its own in such a file, in bytes. */
const BYTES_MAX = 32 * 1024 * 1024

/**
 * The text of a file that is only looked at. A project may put a pipe or a device in its place, which would never end.
 * @throws an error if it can't be read, is larger, or is no regular file
 */
export function textIn(file: string): string {
  return readBounded(file, BYTES_MAX)
}
