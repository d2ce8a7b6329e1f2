import { closeSync, constants, openSync, readSync } from 'node:fs'

/**
 * What a file's pages say about its tables, read without SQLite. SQLite parses every table, view and trigger of a
 * file before its first statement, which can't be interrupted: 300,000 small ones take minutes. It also writes to a
 * file that it opens, for example when it recovers a log.
 */
export interface RawSchema {
  /** In bytes; 0 for a file that has no pages yet. */
  readonly pageSize: number
  /** False if the file has no table, view or trigger. */
  readonly hasObjects: boolean
  /** True if a program set its number for the file's format, or the version of its schema. */
  readonly isNumbered: boolean
  /** True if a name of one of this board's tables may be in the schema. */
  readonly namesPresence: boolean
}

/** A board has about 60 tables and indexes, on 8 pages. */
const LEAVES_MAX = 64
const OBJECTS_ON_PAGE_MAX = 256
/** The statement that made a table; presence's have at most 700 bytes. */
const OBJECT_BYTES_MAX = 64 * 1024
/** SQLite starts a new log after 1,000 frames, unless a reader keeps it from doing so. */
const FRAMES_MAX = 1 << 20

const MAGIC = 'SQLite format 3\0'
/** Where the first page's own header starts: after the file's. */
const FILE_HEADER = 100
const WAL_HEADER = 32
const FRAME_HEADER = 24
/** The kinds of a page of a table. */
const [INTERIOR, LEAF] = [5, 13]

/** The file isn't a board. The message completes "is not a presence board: …". */
export class NotABoard extends Error {}

/**
 * Reads the schema's pages in the file and in its log (`-wal`). A page of which the log has several versions counts in
 * every version, because only SQLite decides which one is valid.
 *
 * @throws NotABoard if it is no SQLite file, or its schema is larger than any board's; SQLite's error for a damaged file
 */
export function rawSchemaOf(file: string): RawSchema {
  using main = new Bytes(file)
  const header = main.at(0, FILE_HEADER)
  if (header.length === 0) return { pageSize: 0, hasObjects: false, isNumbered: false, namesPresence: false }
  if (header.length < FILE_HEADER || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new NotABoard('it is not an SQLite file')
  const given = header.readUInt16BE(16)
  const pageSize = given === 1 ? 65_536 : given
  const root = { bytes: main.at(0, pageSize), start: FILE_HEADER }
  // SQLITE_CORRUPT
  if (!isKind(LEAF)(root) && !isKind(INTERIOR)(root))
    throw Object.assign(new Error('damaged'), { errcode: 11 })
  using log = new Log(`${file}-wal`)
  const leaves = leavesBelow(page => [main.at((page - 1) * pageSize, pageSize), ...log.versionsOf(page)])
  for (const leaf of leaves) checkLeaf(leaf)
  return {
    pageSize,
    hasObjects: leaves.some(({ bytes, start }) => bytes.readUInt16BE(start + 3) > 0),
    isNumbered: header.readUInt32BE(60) !== 0 || header.readUInt32BE(68) !== 0,
    namesPresence: leaves.some(({ bytes }) => bytes.includes('presence_')),
  }
}

/** A page, and where its own header starts. */
interface Page {
  readonly bytes: Buffer
  readonly start: number
}

/** The pages with the schema's rows. Page 1 is always the root of the schema. */
function leavesBelow(versionsOf: (page: number) => readonly Buffer[]): readonly Page[] {
  const roots = versionsOf(1).map(bytes => ({ bytes, start: FILE_HEADER }))
  const children = new Set(roots.filter(isKind(INTERIOR)).flatMap(childrenOf))
  if (children.size > LEAVES_MAX) throw tooLarge()
  const below = [...children].flatMap(versionsOf).map(bytes => ({ bytes, start: 0 }))
  if (below.some(isKind(INTERIOR))) throw tooLarge()
  return [...roots, ...below].filter(isKind(LEAF))
}

const isKind =
  (kind: number | undefined) =>
  ({ bytes, start }: Page) =>
    bytes.length > start + 12 && bytes[start] === kind

function childrenOf({ bytes, start }: Page): readonly number[] {
  const count = bytes.readUInt16BE(start + 3)
  if (count > LEAVES_MAX) throw tooLarge()
  const cells = offsets(bytes, start + 12, count).filter(at => at + 4 <= bytes.length)
  return [...cells.map(at => bytes.readUInt32BE(at)), bytes.readUInt32BE(start + 8)]
}

function checkLeaf({ bytes, start }: Page): void {
  const count = bytes.readUInt16BE(start + 3)
  if (count > OBJECTS_ON_PAGE_MAX) throw tooLarge()
  for (const at of offsets(bytes, start + 8, count))
    if (numberAt(bytes, at) > OBJECT_BYTES_MAX) throw tooLarge()
}

/** The positions of a page's cells. */
function offsets(bytes: Buffer, from: number, count: number): readonly number[] {
  const places = Array.from({ length: count }, (_, index) => from + 2 * index)
  return places.filter(at => at + 2 <= bytes.length).map(at => bytes.readUInt16BE(at))
}

/** SQLite's number of variable length: seven bits in each byte, the highest bit says that more follow. */
function numberAt(bytes: Buffer, at: number): number {
  let value = 0
  for (let index = at; index < at + 8; index++) {
    const byte = bytes[index] ?? 0
    value = value * 128 + (byte & 127)
    if (byte < 128) return value
  }
  return Number.POSITIVE_INFINITY
}

function tooLarge(): NotABoard {
  return new NotABoard('it has more tables, views or triggers than any board')
}

/**
 * The pages in a log, each in every version. Follows the frames as SQLite's recovery does, but without their checksums,
 * so that it never finds less than SQLite.
 */
class Log {
  readonly #bytes: Bytes | undefined
  readonly #size: number
  readonly #starts = new Map<number, number[]>()

  constructor(path: string) {
    this.#bytes = opened(path)
    const header = this.#bytes?.at(0, WAL_HEADER) ?? Buffer.alloc(0)
    this.#size = header.length === WAL_HEADER ? header.readUInt32BE(8) : 0
    if (this.#size >= 512 && this.#size <= 65_536) this.#find(header.subarray(16, 24))
  }

  #find(salt: Buffer): void {
    for (let frame = 0; ; frame++) {
      if (frame > FRAMES_MAX) throw new NotABoard('its -wal file is larger than that of any board')
      const start = WAL_HEADER + frame * (FRAME_HEADER + this.#size)
      const head = this.#bytes?.at(start, FRAME_HEADER)
      const page =
        head?.length === FRAME_HEADER && head.subarray(8, 16).equals(salt) ? head.readUInt32BE(0) : 0
      if (page === 0) return
      const starts = this.#starts.get(page)
      if (starts) starts.push(start + FRAME_HEADER)
      else this.#starts.set(page, [start + FRAME_HEADER])
    }
  }

  versionsOf(page: number): readonly Buffer[] {
    const bytes = this.#bytes
    if (!bytes) return []
    return (this.#starts.get(page) ?? []).map(start => bytes.at(start, this.#size))
  }

  [Symbol.dispose](): void {
    this.#bytes?.[Symbol.dispose]()
  }
}

/** Undefined without the file. */
function opened(path: string): Bytes | undefined {
  try {
    return new Bytes(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Opens a file without waiting for a pipe's other end. A denial is reported as SQLite reports it (SQLITE_CANTOPEN), because
 * it may pass: another user's process gives the rights to a new file only after it made it.
 */
export function openForReading(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EACCES'
      ? Object.assign(error as Error, { errcode: 14 })
      : error
  }
}

/** A file, opened for reading. */
class Bytes {
  readonly #file: number

  constructor(path: string) {
    this.#file = openForReading(path)
  }

  /** Fewer bytes at the file's end. */
  at(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(this.#file, bytes, 0, length, position))
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}
