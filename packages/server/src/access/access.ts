import type { TokenFile } from './token-file.ts'

/** Who may send requests. */
export interface Access {
  /** Whether the server listens on loopback only. */
  readonly loopback: boolean
  /**
   * The accepted tokens. Without them, everyone who reaches the server may use it and speak as any session.
   */
  readonly tokens?: TokenFile
  /** Host names to accept in addition to those of loopback: `name` (on any port) or `name:port`. */
  readonly allowedHosts?: readonly string[]
  /** The port that the server listens on. Undefined until it is known. */
  readonly port?: () => number | undefined
  /**
   * Requests per minute for each token, or for each address without a token. 0 for no limit.
   *
   * @default 6000 with tokens, 120000 without
   */
  readonly perMinute?: number
}

/** Per token: a hundred requests per second. A busy agent makes about one per second. */
const PER_MINUTE_OF_TOKEN = 6_000
/**
 * On loopback all sessions share one address. The limit is more than a local database answers, so only a loop
 * without a pause reaches it.
 */
const PER_MINUTE_OF_LOOPBACK = 120_000

export function perMinuteOf({ perMinute, tokens }: Access): number {
  return perMinute ?? (tokens ? PER_MINUTE_OF_TOKEN : PER_MINUTE_OF_LOOPBACK)
}
