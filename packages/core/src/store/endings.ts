/** A call that a server is working on. */
export interface Underway {
  /** Ends the call's statement on the server. The call never settles. */
  abandon(): void
}

const underway = new Set<Underway>()

/** @returns a function to call when the call is over */
export function begins(call: Underway): () => void {
  underway.add(call)
  return () => void underway.delete(call)
}

/**
 * Ends, on the server, the statements that this process waits for. For a process that ends because of a
 * signal: its calls never settle, so that it reports nothing about them and adds nothing to the outbox.
 *
 * @param ms the time limit, in milliseconds
 */
export async function abandonCalls(ms: number): Promise<void> {
  for (const call of underway) call.abandon()
  await givenUpEnded(ms)
}

/** Statements that are being ended on a server because their calls were given up. */
const endings = new Set<Promise<void>>()

/** Registers an attempt to end a statement. The attempt limits its own time. */
export function ending(ends: Promise<void>): void {
  endings.add(ends)
  void ends.finally(() => endings.delete(ends))
}

/**
 * Waits until the statements of calls that this process gave up on are ended on the server. For a process
 * that is about to exit: without this, these statements would keep running after its answer is out.
 *
 * @param ms the time limit, in milliseconds
 */
export async function givenUpEnded(ms: number): Promise<void> {
  if (endings.size === 0) return
  // Don't use `Deadline` here: it stops while the process loads a module, and a hook must end even if
  // something hangs.
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([Promise.allSettled(endings), late])
  clearTimeout(timer)
}
