import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'

/**
 * Reads a whole file named by the configuration as text. It must be a regular file of at most `bytesMax`
 * bytes, or a link to one (Kubernetes mounts a secret as a link): reading a pipe, a terminal or a device may
 * never end, and a project's config may name one. It checks the opened file, so that the path can't be
 * replaced in between. Without O_NONBLOCK, opening a pipe blocks.
 *
 * @throws an error whose `code` is the system's, or words that say why the file can't be read
 */
export function readBounded(file: string, bytesMax: number): string {
  return readOpened(file, bytesMax).text
}

/** As {@link readBounded}, with what the opened file is: its path may lead to another file a moment later. */
export function readOpened(file: string, bytesMax: number): { readonly text: string; readonly stat: Stats } {
  const { bytes, stat } = readBoundedBytes(file, bytesMax)
  return { text: bytes.toString('utf8'), stat }
}

/** As {@link readOpened}, for a file that may not be text. */
export function readBoundedBytes(
  file: string,
  bytesMax: number,
): { readonly bytes: Buffer; readonly stat: Stats } {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(opened)
    if (!stat.isFile()) throw because('not a regular file')
    // Doesn't rely on the size: files in /proc report 0.
    const bytes = Buffer.allocUnsafe(bytesMax + 1)
    let length = 0
    for (let more = 1; more > 0 && length <= bytesMax; length += more)
      more = readSync(opened, bytes, length, bytes.length - length, null)
    if (length > bytesMax) throw because(`larger than ${bytesMax / 1_024} KiB`)
    return { bytes: bytes.subarray(0, length), stat }
  } finally {
    closeSync(opened)
  }
}

function because(code: string): Error {
  return Object.assign(new Error(code), { code })
}
