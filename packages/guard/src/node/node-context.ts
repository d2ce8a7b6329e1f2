import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import type { GuardConfig, GuardContext } from '../context.ts'

const MAX_FILE = 1024 * 1024
const MAX_TOTAL = 8 * MAX_FILE
const MAX_FILES = 64
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
 * 8 MiB in total. It never waits for a pipe or a device, and runs nothing.
 */
export function nodeContext(options: NodeContextOptions = {}): GuardContext {
  const env = options.env ?? process.env
  const texts = new Map<string, string | undefined>()
  let left = MAX_TOTAL
  const readText = (path: string) => {
    if (texts.has(path)) return texts.get(path)
    if (texts.size >= MAX_FILES) return undefined
    const text = readBounded(path, Math.min(MAX_FILE, left))
    left -= text?.length ?? 0
    texts.set(path, text)
    return text
  }
  return {
    cwd: options.cwd ?? process.cwd(),
    env,
    host: hostname(),
    home: env['HOME'] ?? homedir(),
    readText,
    listFolder,
    now: () => performance.now(),
    config: options.config,
  }
}

/** O_NONBLOCK: opening a FIFO doesn't wait for its writer. */
function readBounded(path: string, limit: number): string | undefined {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { size } = fstatSync(file)
    if (!fstatSync(file).isFile() || size > limit) return undefined
    const bytes = Buffer.alloc(size)
    let read = 0
    while (read < size) {
      const got = readSync(file, bytes, read, size - read, null)
      if (got === 0) break
      read += got
    }
    return bytes.toString('utf8', 0, read)
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function listFolder(path: string): readonly string[] | undefined {
  try {
    const names = readdirSync(path)
    return names.length <= MAX_NAMES ? names.toSorted() : undefined
  } catch {
    return undefined
  }
}
