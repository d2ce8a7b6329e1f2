import type { TokenFile } from './token-file.ts'

/** Who gets in. */
export interface Access {
  /** Does the server listen on loopback only? */
  readonly loopback: boolean
  /** Tokens; without them everybody who reaches the server gets in, and may speak as anyone. */
  readonly tokens?: TokenFile
  /** Hosts beside the loopback's names by which the server may be asked: `name` (on any port) or `name:port`. */
  readonly allowedHosts?: readonly string[]
  /** The port that is listened on, once it is known. */
  readonly port?: () => number | undefined
  /** Requests a minute for each token, or each address without one; 0 for no limit. */
  readonly perMinute?: number
}

/** Of a token: a hundred requests a second, where an agent that works hard makes one. */
const PER_MINUTE_OF_TOKEN = 6_000
/** On loopback all sessions share one address. More than a database here answers, so only a loop without a pause meets it. */
const PER_MINUTE_OF_LOOPBACK = 120_000

export function perMinuteOf({ perMinute, tokens }: Access): number {
  return perMinute ?? (tokens ? PER_MINUTE_OF_TOKEN : PER_MINUTE_OF_LOOPBACK)
}
