import { Deadline } from '../deadline.ts'

/** Queries that are being ended on a server: their calls were given up on. */
const endings = new Set<Promise<void>>()

/** Notes an ending, which is bounded by itself. */
export function ending(ends: Promise<void>): void {
  endings.add(ends)
  void ends.finally(() => endings.delete(ends))
}

/**
 * Waits until what this process gave up on is ended on the server. For a process that is about to exit: its answer is
 * out, and what it leaves behind would go on.
 *
 * @param ms the most that it may take, in milliseconds
 */
export async function givenUpEnded(ms: number): Promise<void> {
  if (endings.size === 0) return
  await Deadline.after(ms)
    .race(Promise.allSettled(endings), () => new Error())
    .catch(() => {})
}
