import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PresenceError } from '@presence/core'
import { makeFolder, replaceFile } from '@presence/core/internal'
import {
  digestOf,
  findToken,
  isKeptFor,
  newToken,
  parseLines,
  TOKEN_NAME,
  type Token,
  type TokenLine,
  tokenOfLine,
} from './tokens.ts'

const BYTES_MAX = 1_048_576
/** How long a change of the file may stay unnoticed, in milliseconds. */
const LOOK_EVERY_MS = 500
/** Mode bits that must be off. The group may read the file, because Kubernetes mounts secrets that way. */
const FORBIDDEN_MODE = 0o027
/** How many removed tokens are remembered. */
const REMOVED_MAX = 1_000

/** The tokens of a file, which is read again when it changes. */
export class TokenFile {
  readonly #path: string
  readonly #onTrouble: (message: string) => void
  #tokens: readonly Token[]
  /** Tokens that were removed while the server ran, so that their owners learn why they are refused. */
  #removed: readonly Token[] = []
  #seen: string
  #lookedAt: number

  /**
   * @param onTrouble called once for each change that makes the file unusable. The tokens read before remain
   * valid
   * @throws PresenceError `invalid_config` if the file can't be used at the start
   */
  constructor(path: string, onTrouble: (message: string) => void) {
    this.#path = path
    this.#onTrouble = onTrouble
    this.#seen = stampOf(path)
    this.#lookedAt = performance.now()
    this.#tokens = readTokens(path).map(tokenOfLine)
  }

  /** The entry of this token. Undefined if the file has no such token. */
  find(presented: string): Token | undefined {
    return findToken(this.#current(), presented)
  }

  /** Whether the file still has this token with the same name and patterns. */
  holds(token: Token): boolean {
    return this.#current().some(
      each =>
        each.name === token.name &&
        each.sha256.equals(token.sha256) &&
        each.as?.join('\n') === token.as?.join('\n'),
    )
  }

  /** Whether there is a token of this name, whatever its secret. */
  hasName(name: string): boolean {
    return this.#current().some(each => each.name === name)
  }

  /** Another token whose patterns keep this session id for it. */
  keptFor(sessionId: string, { name }: Token): string | undefined {
    return this.#current().find(each => each.name !== name && isKeptFor(each, sessionId))?.name
  }

  /** The name of this token, if it was removed since the server started. */
  removed(presented: string): string | undefined {
    return findToken(this.#removed, presented)?.name
  }

  #current(): readonly Token[] {
    const now = performance.now()
    if (now - this.#lookedAt < LOOK_EVERY_MS) return this.#tokens
    this.#lookedAt = now
    const stamp = stampOf(this.#path)
    if (stamp === this.#seen) return this.#tokens
    this.#seen = stamp
    try {
      const before = this.#tokens
      this.#tokens = readTokens(this.#path).map(tokenOfLine)
      const gone = before.filter(({ sha256 }) => !this.#tokens.some(each => each.sha256.equals(sha256)))
      this.#removed = [...this.#removed, ...gone].slice(-REMOVED_MAX)
    } catch (error) {
      this.#onTrouble(`${(error as Error).message}; the tokens that were read before stay valid`)
    }
    return this.#tokens
  }
}

/**
 * Adds a new token to the file, and creates the file if it is missing.
 *
 * @param as patterns of the session ids that it may act as; undefined for a token for its own sessions
 * @returns the token, which is stored nowhere else
 * @throws PresenceError `invalid_config` if the name is invalid or in use, or a pattern is empty or too long
 */
export function addToken(path: string, name: string, as: readonly string[] | undefined, now: Date): string {
  if (!TOKEN_NAME.test(name))
    throw unusable(
      `"${name.slice(0, 64)}" can't be a token's name`,
      'a name has letters, digits, dots, dashes, underscores and @',
    )
  if (as?.some(pattern => pattern === '' || pattern.length > 255))
    throw unusable('a pattern has 1 to 255 characters', 'give session ids, with * for any characters: ana@*')
  const lines = statOf(path) ? readTokens(path) : []
  if (lines.some(line => line.name === name))
    throw unusable(`there is a token named ${name} already`, `remove it first: presence token remove ${name}`)
  const token = newToken()
  const line = {
    name,
    sha256: digestOf(token).toString('hex'),
    ...(as ? { as: [...as] } : {}),
    created_at: now.toISOString(),
  }
  write(path, [...lines, line])
  return token
}

/** @throws PresenceError `invalid_config` if there is no token of that name */
export function removeToken(path: string, name: string): void {
  const lines = readTokens(path)
  const left = lines.filter(line => line.name !== name)
  if (left.length === lines.length)
    throw unusable(`there is no token named ${name.slice(0, 64)}`, 'see: presence token list')
  write(path, left)
}

/** @throws PresenceError `invalid_config` */
export function readTokens(path: string): readonly TokenLine[] {
  try {
    return parseLines(readChecked(path))
  } catch (error) {
    if (error instanceof PresenceError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw unusable(
      `the token file ${path} can't be used: ${code ?? message}`,
      'make one: presence token add <name> --file <path>',
      error,
    )
  }
}

/**
 * Reads the file after checking the opened file itself, so that it can't be swapped between check and read.
 * Refuses pipes, because reading one might never end.
 */
function readChecked(path: string): string {
  const opened = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(opened)
    if (!found.isFile()) throw new Error('it is not a regular file')
    if (found.size > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`)
    if (found.mode & FORBIDDEN_MODE)
      throw unusable(
        `the token file ${path} is open to others (mode ${(found.mode & 0o777).toString(8)})`,
        `restrict it: chmod 600 ${path}`,
      )
    if (!isTrusted(found))
      throw unusable(
        `the token file ${path} belongs to another user`,
        'make a file of your own: presence token add <name> --file <new path>',
      )
    return readFileSync(opened, 'utf8')
  } finally {
    closeSync(opened)
  }
}

function isTrusted({ uid }: Stats): boolean {
  const own = process.getuid?.()
  return own === undefined || uid === own || uid === 0
}

/** Writes the file in one step, because a server may read it at any moment. */
function write(path: string, lines: readonly TokenLine[]): void {
  try {
    makeFolder(dirname(path))
    const text = lines.map(line => `${JSON.stringify(line)}\n`).join('')
    replaceFile(path, text, { mode: 0o600, flush: true })
  } catch (error) {
    throw unusable(
      `the token file ${path} can't be written: ${(error as NodeJS.ErrnoException).code}`,
      'check its folder',
      error,
    )
  }
}

/** A text that changes whenever the file does. */
function stampOf(path: string): string {
  const found = statOf(path)
  return found ? `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}` : 'none'
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function unusable(message: string, remedy: string, cause?: unknown): PresenceError {
  return new PresenceError('invalid_config', message, remedy, { cause })
}
