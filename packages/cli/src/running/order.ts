import { TTL_SECONDS_DEFAULT } from '@presence/core'
import { distinct, refusedLabel } from '../labels.ts'

/** The options as typed. */
export interface Typed {
  readonly guard?: boolean
  readonly claim?: readonly string[]
  readonly purpose?: string
  readonly ttl?: string
  readonly exclusive?: boolean
  readonly overShared?: boolean
  readonly wait?: string
  readonly killOnLoss?: boolean
  readonly killAfter?: string
}

/** The claims to make, and the command to run. */
export interface Order {
  /** The labels in the form that the board stores, each once, in the order given. */
  readonly labels: readonly string[]
  readonly purpose: string
  readonly ttl: string | undefined
  /** The ttl in seconds, if it could be read; the board decides whether it is valid. */
  readonly ttlSeconds: number
  readonly exclusive: boolean
  readonly overShared: boolean
  readonly waitMs: number
  /** The waiting time as it was given. */
  readonly wait: string | undefined
  readonly killOnLoss: boolean
  readonly killAfterMs: number
  readonly command: string
  readonly args: readonly string[]
}

/** Why a command line can't be run, and what to do about it. */
export interface Problem {
  readonly message: string
  readonly remedy: string
}

const EXAMPLE = 'presence run --claim node:k8s-1 --purpose "drain" -- kubectl drain k8s-1'
const KILL_AFTER = '10s'

/**
 * Reads a command line. Label kinds and the limits of purpose and ttl are left to the board, because only the
 * board can check them.
 */
export function orderOf(typed: Typed, words: readonly string[]): Order | Problem {
  const { exclusive = false, overShared = false, killOnLoss = false } = typed
  const [command, ...args] = words
  if (command === undefined || command === '')
    return { message: 'run needs a command after the options', remedy: EXAMPLE }
  if (typed.claim === undefined)
    return { message: 'run needs at least one --claim, or --guard', remedy: EXAMPLE }
  const alone = overShared ? '--over-shared' : killOnLoss ? '--kill-on-loss' : undefined
  if (alone && !exclusive)
    return {
      message: `${alone} requires --exclusive`,
      remedy: `add --exclusive, or leave out ${alone}`,
    }
  if (typed.killAfter !== undefined && !killOnLoss)
    return {
      message: '--kill-after requires --kill-on-loss',
      remedy: 'add --kill-on-loss, or leave out --kill-after',
    }
  const labels = distinct(typed.claim)
  const refused = refusedLabel(labels)
  if (refused) return { message: refused.refusal.message, remedy: refused.refusal.remedy }
  const waitMs = spanOf('--wait', typed.wait ?? '0')
  if (typeof waitMs !== 'number') return waitMs
  const killAfterMs = spanOf('--kill-after', typed.killAfter ?? KILL_AFTER)
  if (typeof killAfterMs !== 'number') return killAfterMs
  const { purpose = '', ttl } = typed
  const ttlSeconds = msOf(ttl ?? '') / 1_000 || TTL_SECONDS_DEFAULT
  const claims = { labels, purpose, ttl, ttlSeconds, exclusive, overShared }
  return { ...claims, waitMs, wait: typed.wait, killOnLoss, killAfterMs, command, args }
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }
const SPAN_MS_MAX = 24 * 3_600_000

function spanOf(option: string, given: string): number | Problem {
  const ms = msOf(given)
  if (ms <= SPAN_MS_MAX) return ms
  return {
    message: `${option} takes a duration of at most a day`,
    remedy: 'give seconds or a duration: 30, 10m, 2h',
  }
}

function msOf(given: string): number {
  const match = /^(\d{1,9})(s|m|h)?$/.exec(given.trim())
  return match ? Number(match[1]) * (UNIT_MS[match[2] ?? 's'] ?? 1) : Number.NaN
}
