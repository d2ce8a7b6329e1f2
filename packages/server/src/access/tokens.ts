import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { matchesPattern } from '@presence/core/internal'

/** A token from the token file, and what its holder may do. */
export interface Token {
  /** Its name in the log and in the metrics. */
  readonly name: string
  readonly sha256: Buffer
  /**
   * Patterns of the session ids that it may act as. Undefined if it acts for its own sessions: those that it
   * was the first to act as.
   */
  readonly as: readonly string[] | undefined
}

/** A valid token name. Names appear in logs. */
export const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/

/** A line of the file. */
const Line = z.strictObject({
  name: z.string().regex(TOKEN_NAME),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  as: z.array(z.string().min(1).max(255)).min(1).optional(),
  created_at: z.string().optional(),
})
export type TokenLine = z.infer<typeof Line>

/** Lets secret scanners recognize a token. */
const PREFIX = 'presence_'

/** Makes a new token of 256 random bits. */
export function newToken(): string {
  return PREFIX + randomBytes(32).toString('base64url')
}

/**
 * The hash that the file stores for a token. One round of SHA-256 is enough: slow hashes protect passwords
 * that people choose, but 2^256 random values can't be tried out at any speed.
 */
export function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** @throws Error with the line's number but never its text, or if two tokens have the same name */
export function parseLines(text: string): readonly TokenLine[] {
  const lines = text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [parseLine(line, at + 1)]))
  const names = new Set(lines.map(line => line.name))
  if (names.size < lines.length) throw new Error('two tokens have the same name')
  return lines
}

function parseLine(text: string, number: number): TokenLine {
  try {
    return Line.parse(JSON.parse(text))
  } catch {
    throw new Error(`line ${number} is not a token`)
  }
}

export function tokenOfLine({ name, sha256, as }: TokenLine): Token {
  return { name, sha256: Buffer.from(sha256, 'hex'), as }
}

/** Finds a presented token. Compares it with every token in constant time, so that timing reveals nothing. */
export function findToken(tokens: readonly Token[], presented: string): Token | undefined {
  const digest = digestOf(presented)
  let found: Token | undefined
  for (const token of tokens) if (timingSafeEqual(token.sha256, digest)) found = token
  return found
}

/** Whether one of the token's patterns matches. */
export function maySpeakAs({ as = [] }: Pick<Token, 'as'>, sessionId: string): boolean {
  return as.some(pattern => matchesPattern(pattern, sessionId))
}

/**
 * Whether the token's patterns keep this id for it. A pattern of only `*` keeps none: it is for a token that
 * may act as every session, also as those that belong to other tokens.
 */
export function isKeptFor({ as = [] }: Pick<Token, 'as'>, sessionId: string): boolean {
  return as.some(pattern => !/^\*+$/.test(pattern) && matchesPattern(pattern, sessionId))
}
