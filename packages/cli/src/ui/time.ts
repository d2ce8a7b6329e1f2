import { ago, moment } from '@presence/core/internal'

export { ago, duration } from '@presence/core/internal'

/** For example `2026-11-21 14:10:00 UTC (4 min ago)`. */
export function when(time: Date, asOf: Date): string {
  return `${moment(time)} (${ago(time, asOf)})`
}

/** For example `14:10:00 UTC`, for what happens while it is shown. */
export function clock(time: Date): string {
  return moment(time).slice('2026-11-21 '.length)
}

/** For example `14:10:00`, where it is said once that times are in UTC. */
export function shortClock(time: Date): string {
  return time.toISOString().slice('2026-11-21T'.length, -'.000Z'.length)
}

/** For example `2026-11-21`, in UTC. */
export function day(time: Date): string {
  return time.toISOString().slice(0, '2026-11-21'.length)
}
