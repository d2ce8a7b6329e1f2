import { expect, it } from 'vitest'
import { isoWeek } from './iso-week.ts'

it.each([
  ['2026-01-01T00:00:00Z', '2026-W01'],
  ['2025-12-29T00:00:00Z', '2026-W01'],
  ['2025-12-28T23:59:59Z', '2025-W52'],
  ['2027-01-01T12:00:00Z', '2026-W53'],
  ['2027-01-04T00:00:00Z', '2027-W01'],
  ['2024-12-30T00:00:00Z', '2025-W01'],
  ['1969-12-28T00:00:00Z', '1969-W52'],
])('%s is in the week %s', (moment, week) => {
  expect(isoWeek(new Date(moment))).toBe(week)
})
