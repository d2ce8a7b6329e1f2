/** A call on its way to a server. */
export interface Underway {
  /** Ends what the server is doing for it. Nobody learns of its outcome any more. */
  abandon(): void
}

const underway = new Set<Underway>()

/** @returns what is called once the call is over */
export function begins(call: Underway): () => void {
  underway.add(call)
  return () => void underway.delete(call)
}

/**
 * Ends on the server what this process waits for, for a process that a signal ends: its calls never settle, so that it
 * says and queues nothing about them.
 *
 * @param ms the most that it may take, in milliseconds
 */
export async function abandonCalls(ms: number): Promise<void> {
  for (const call of underway) call.abandon()
  await givenUpEnded(ms)
}

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
  // Not a `Deadline`: that stands still while the process loads something, and a hook has to end whatever hangs.
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([Promise.allSettled(endings), late])
  clearTimeout(timer)
}
