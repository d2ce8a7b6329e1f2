/** `npm run test:long` sets it: the suites then run at their full length. */
const isLong = process.env['PRESENCE_LONG'] === '1'

/** How many rounds to run: `short` in CI, where a run must end soon, and `long` in `npm run test:long`. */
export function extent(short: number, long: number): number {
  return isLong ? long : short
}
