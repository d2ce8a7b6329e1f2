import { closeSync, constants, fstatSync, opendirSync, openSync, readSync, statSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import type { GuardConfig, GuardContext } from '../context.ts'

const MAX_FILE = 1024 * 1024
const MAX_TOTAL = 8 * MAX_FILE
const MAX_FILES = 64
const MAX_FOLDERS = 32
const MAX_NAMES = 1000

/** What a context of this machine needs to be told. */
export interface NodeContextOptions {
  /** @default process.cwd() */
  readonly cwd?: string | undefined
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  readonly config?: GuardConfig | undefined
}

/**
 * A context that reads this machine's files, with bounds: regular files of at most 1 MiB, at most 64 of them and
 * 8 MiB in total, and folders of at most 1000 names. It never waits for a pipe or a device, and runs nothing.
 */
export function nodeContext(options: NodeContextOptions = {}): GuardContext {
  const env = options.env ?? process.env
  let left = MAX_TOTAL
  return {
    cwd: options.cwd ?? process.cwd(),
    env,
    host: hostname(),
    home: env['HOME'] ?? homedir(),
    readText: once(MAX_FILES, path => {
      const text = readBounded(path, Math.min(MAX_FILE, left))
      left -= text?.length ?? 0
      return text
    }),
    listFolder: once(MAX_FOLDERS, listFolder),
    isExecutable,
    now: () => performance.now(),
    config: options.config,
  }
}

/** Asks once for each path, and for at most so many. */
function once<Result>(max: number, ask: (path: string) => Result | undefined) {
  const known = new Map<string, Result | undefined>()
  return (path: string): Result | undefined => {
    if (!known.has(path) && known.size < max) known.set(path, ask(path))
    return known.get(path)
  }
}

/** The text of a regular file. O_NONBLOCK: opening a pipe doesn't wait for its writer. */
function readBounded(path: string, limit: number): string | undefined {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const stat = fstatSync(file)
    if (!stat.isFile() || stat.size > limit) return undefined
    const bytes = Buffer.alloc(stat.size)
    let length = 0
    for (let got = -1; got !== 0 && length < bytes.length; length += got)
      got = readSync(file, bytes, length, bytes.length - length, null)
    return bytes.toString('utf8', 0, length)
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function isExecutable(path: string): boolean {
  try {
    const stat = statSync(path)
    return stat.isFile() && (stat.mode & 0o111) !== 0
  } catch {
    return false
  }
}

/** The names in a folder. A large folder isn't read to its end. */
function listFolder(path: string): readonly string[] | undefined {
  try {
    const folder = opendirSync(path)
    try {
      const names: string[] = []
      for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
        names.push(entry.name)
        if (names.length > MAX_NAMES) return undefined
      }
      return names.toSorted()
    } finally {
      folder.closeSync()
    }
  } catch {
    return undefined
  }
}
