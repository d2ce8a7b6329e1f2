/** The most rounds that are run while `enough` is false, as a multiple of `least`. */
const TIMES_MAX = 20

/**
 * Runs at least the given number of rounds, and more until enough has happened: which process comes first is
 * up to the machine, and a test that saw only one order proves nothing about the other.
 *
 * @param enough whether the test has seen what it needs, true by default
 */
export async function rounds(
  least: number,
  round: (at: number) => Promise<unknown>,
  enough: () => boolean = () => true,
): Promise<void> {
  for (let at = 0; at < least || (at < TIMES_MAX * least && !enough()); at++) await round(at)
}
