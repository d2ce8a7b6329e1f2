import type { Claim, Place } from '@presence/core'
import type { Io } from '../io.ts'
import type { Reader } from './where.ts'

/** The moment at which the claims of a test are shown. */
export const AS_OF = new Date('2030-01-02T03:04:05.678Z')

export interface ClaimFields {
  readonly label?: string
  readonly id?: string
  readonly user?: string
  readonly host?: string
  readonly purpose?: string
  /** Seconds since it was made, and until it ends. */
  readonly made?: number
  readonly left?: number
  /** It is exclusive and never expires. */
  readonly never?: boolean
  readonly place?: Place
}

/** A claim for a test, made up except for the fields given. */
export function claimOf({
  label = 'node:a',
  id = 'ana',
  user = 'u',
  host = 'h',
  purpose = 'p',
  made = 240,
  left = 660,
  never = false,
  place,
}: ClaimFields = {}): Claim {
  return {
    label,
    session: { id, user, host, agent: 'cli', ...(place ? { place } : {}) },
    purpose,
    claimedAt: new Date(AS_OF.getTime() - made * 1_000),
    expiresAt: new Date(AS_OF.getTime() + left * 1_000),
    ttlSeconds: never ? 0 : 900,
    lapsedAt: undefined,
    token: never ? 1 : undefined,
  }
}

/** The session at whose terminal claims are shown, on the host of the claims. */
export function readerOf(id: string, place?: Place): Reader {
  return { id, host: 'h', ...(place ? { place } : {}) }
}

/** A terminal of this width; with `painted`, colours show as `<style:text>`. */
export function ioOf(width: number, painted = false): Io {
  return {
    env: {},
    cwd: '/',
    out: () => {},
    err: () => {},
    watched: false,
    progress: () => {},
    ask: async () => undefined,
    askLine: async () => undefined,
    page: () => {},
    width,
    paint: (style, text) => (painted ? `<${style}:${text}>` : text),
  }
}
