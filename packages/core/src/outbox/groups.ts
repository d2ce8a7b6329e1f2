import { ownWork } from '../deadline.ts'
import type { QueuedVerb } from '../domain/operation.ts'
import type { Groups } from '../groups/lazy.ts'

/**
 * How a board with an outbox makes calls: it delivers the outbox first, and adds calls that can't be
 * delivered.
 */
export interface Delivery {
  readonly caughtUp: <T>(ask: () => Promise<T>) => Promise<T>
  readonly delivered: <T>(say: () => Promise<T>, toQueue: () => Promise<QueuedVerb | undefined>) => Promise<T>
}

/**
 * The groups of a board with an outbox. Messages and component states go to the outbox, with the id that they
 * will have on the board. Changes to workflows and items don't, because other sessions must agree to them.
 */
export function queuedGroups(board: Groups, sessionId: string, { caughtUp, delivered }: Delivery): Groups {
  const { messages, components, workflows, items } = board
  return {
    messages: {
      send: options => {
        const own = { id: crypto.randomUUID() as string, ...options }
        return delivered(
          () => messages.send(own),
          async () => {
            const { checkMessage } = await ownWork(() => import('../groups/messages.ts'))
            const checked = checkMessage(own, sessionId)
            if (!checked.ok) return undefined
            const { id, to, project, kind, subject, body } = checked.value
            const about = {
              ...(to === undefined ? {} : { to }),
              ...(project === undefined ? {} : { project }),
            }
            return { verb: 'message', id, ...about, kind, subject, body }
          },
        )
      },
      inbox: options => caughtUp(() => messages.inbox(options)),
      read: ids => caughtUp(() => messages.read(ids)),
    },
    components: {
      set: options => {
        const own = { id: crypto.randomUUID() as string, ...options }
        return delivered(
          () => components.set(own),
          async () => {
            const { checkState } = await ownWork(() => import('../groups/components.ts'))
            const checked = checkState(own, sessionId)
            if (!checked.ok) return undefined
            const { id, project, component, state, version, notes } = checked.value
            const more = {
              ...(version === undefined ? {} : { version }),
              ...(notes === undefined ? {} : { notes }),
            }
            return { verb: 'component', id, project, component, state, ...more }
          },
        )
      },
      list: options => caughtUp(() => components.list(options)),
      history: options => caughtUp(() => components.history(options)),
    },
    workflows: {
      add: options => caughtUp(() => workflows.add(options)),
      list: options => caughtUp(() => workflows.list(options)),
      get: id => caughtUp(() => workflows.get(id)),
      set: options => caughtUp(() => workflows.set(options)),
    },
    items: {
      add: options => caughtUp(() => items.add(options)),
      list: options => caughtUp(() => items.list(options)),
      get: id => caughtUp(() => items.get(id)),
      set: options => caughtUp(() => items.set(options)),
    },
  }
}
