const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }
const DURATION = /^(\d{1,9})(s|m|h|d)?$/

/** Whole seconds of a text as people write it: `900`, `15m`, `2h`, `7d`; undefined where it is no duration. */
export function secondsOf(input: string | number): number | undefined {
  const match = DURATION.exec(String(input).trim())
  return match ? Number(match[1]) * (UNIT_SECONDS[match[2] ?? 's'] ?? 1) : undefined
}
