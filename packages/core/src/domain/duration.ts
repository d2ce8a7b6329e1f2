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
