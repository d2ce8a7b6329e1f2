import type { Deadline } from '../deadline.ts'
import type { QueuedOperation } from '../domain/operation.ts'
import type { Store } from '../store/port.ts'
import { expiredClaims } from './expired.ts'
import type { Drained, QueueFile } from './file.ts'

/** What became of a queue. */
export interface Replayed {
  /** How many operations were done now. */
  readonly done: number
  /** Claims that had expired before they could be put on the board, and were not. */
  readonly dropped: readonly { readonly label: string; readonly sessionId: string; readonly saidAt: Date }[]
  /** Lines that could not be read, and were set aside. */
  readonly damaged: readonly string[]
  /** How many operations are still queued. */
  readonly left: number
}

/**
 * Does what is queued, in order, each with its own time, until the deadline. An operation is off the queue only once
 * the board has it; one that the board has and that a killed process left queued is not done again.
 *
 * @throws PresenceError when the board gives no answer; what was done is off the queue
 */
export async function replayQueue(queue: QueueFile, store: Store, deadline: Deadline): Promise<Replayed> {
  let done = 0
  let fault: unknown
  const dropped: Replayed['dropped'][number][] = []
  const work = async (operations: readonly QueuedOperation[]): Promise<ReadonlySet<QueuedOperation>> => {
    const finished = new Set<QueuedOperation>()
    const expired: ReadonlySet<QueuedOperation> = expiredClaims(operations, Date.now())
    for (const operation of operations) {
      if (deadline.passed || fault !== undefined) break
      if (expired.has(operation) && operation.verb === 'claim') {
        dropped.push({
          label: operation.label,
          sessionId: operation.session.id,
          saidAt: new Date(operation.at),
        })
      } else {
        try {
          if (await store.replay(operation, Date.now() - operation.at, deadline)) done++
        } catch (error) {
          fault = error
          break
        }
      }
      finished.add(operation)
    }
    return finished
  }
  const drained: Drained | undefined = await queue.drain(deadline, work)
  if (fault !== undefined) throw fault
  return { done, dropped, damaged: drained?.damaged ?? [], left: drained?.left ?? (queue.isEmpty ? 0 : 1) }
}
