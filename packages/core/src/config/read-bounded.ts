import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/**
 * A file that configuration names, whole, as text. Only a regular file of at most `bytesMax` bytes, or a link to one
 * (Kubernetes mounts a secret as one): a pipe, a terminal or a device may never end, and a project's config may name
 * any. What is opened is asked what it is, so it can't be changed in between; without O_NONBLOCK opening a pipe waits.
 *
 * @throws an error whose `code` says why it can't be read: the system's, or words
 */
export function readBounded(file: string, bytesMax: number): string {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(opened).isFile()) throw because('not a regular file')
    // The size isn't asked for: files of /proc say 0.
    const bytes = Buffer.allocUnsafe(bytesMax + 1)
    let length = 0
    for (let more = 1; more > 0 && length <= bytesMax; length += more)
      more = readSync(opened, bytes, length, bytes.length - length, null)
    if (length > bytesMax) throw because(`larger than ${bytesMax / 1_024} KiB`)
    return bytes.toString('utf8', 0, length)
  } finally {
    closeSync(opened)
  }
}

function because(code: string): Error {
  return Object.assign(new Error(code), { code })
}
