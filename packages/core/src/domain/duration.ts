const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }
const DURATION = /^(\d{1,9})(s|m|h|d)?$/

/**
 * Parses a duration such as `900`, `15m`, `2h` or `7d`. Returns whole seconds, or undefined if it is not a
 * duration.
 */
export function secondsOf(input: string | number): number | undefined {
  const match = DURATION.exec(String(input).trim())
  return match ? Number(match[1]) * (UNIT_SECONDS[match[2] ?? 's'] ?? 1) : undefined
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
]

/**
 * A duration in its largest unit and, for hours and days, also the next one unless `length` is `short`:
 * `40 s`, `4 min`, `2 h 5 min`.
 */
export function duration(ms: number, length: 'short' | 'long' = 'long'): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const at = UNITS.findIndex(([size]) => seconds >= size)
  const [size, name] = UNITS[at] ?? [1, 's']
  const whole = `${Math.floor(seconds / size)} ${name}`
  const next = UNITS[at + 1]
  const rest = next && size >= 3_600 && length === 'long' ? Math.floor((seconds % size) / next[0]) : 0
  return next && rest > 0 ? `${whole} ${rest} ${next[1]}` : whole
}

/** How long before `asOf` something happened: `4 min ago`, or `just now`. */
export function ago(then: Date, asOf: Date): string {
  const ms = asOf.getTime() - then.getTime()
  return ms < 2_000 ? 'just now' : `${duration(ms)} ago`
}
