const DAY_MS = 86_400_000

/** The ISO week of a moment in UTC, such as `2026-W09`. It belongs to the year that has its Thursday. */
export function isoWeek(moment: Date): string {
  const day = Math.floor(moment.getTime() / DAY_MS)
  // 1970-01-01 was a Thursday.
  const monday = day - ((((day + 3) % 7) + 7) % 7)
  const thursday = new Date((monday + 3) * DAY_MS)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
