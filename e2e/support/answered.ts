/**
 * Whether an agent is told that the board gave no answer in time. On a busy machine that is a correct answer,
 * and the agent asks again at its next event.
 */
export function isNoAnswer(said: string): boolean {
  return /unknown since [^\n]*(ran out of time|took longer than|no answer|asked again within)/.test(said)
}

/**
 * Sends an event of an agent, and again while it is told that there was no answer in time.
 *
 * @param isLate whether it is told so: by default, also if the board itself is the reason
 */
export async function answered(ask: () => Promise<string>, isLate = isNoAnswer): Promise<string> {
  for (;;) {
    const said = await ask()
    if (!isLate(said)) return said
  }
}
