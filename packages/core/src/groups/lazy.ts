import { type Deadline, ownWork } from '../deadline.ts'
import type { Store } from '../store/port.ts'
import type { ComponentGroup } from './components.ts'
import type { GroupContext } from './context.ts'
import type { ItemGroup } from './items.ts'
import type { MessageGroup } from './messages.ts'
import type { WorkflowGroup } from './workflows.ts'

/** What sessions share besides claims, one group for each kind. */
export interface Groups {
  readonly messages: MessageGroup
  readonly components: ComponentGroup
  readonly workflows: WorkflowGroup
  readonly items: ItemGroup
}

/** The groups on a store. Each is loaded at its first call, because a claim needs none of them. */
export function groupsOn(store: Store, sessionId: string, deadline: () => Deadline): Groups {
  let known: Promise<GroupContext> | undefined
  const context = () => {
    known ??= store.coordination().then(coordination => ({ coordination, sessionId, deadline }))
    return known
  }
  const messages = once(async () => new (await import('./messages.ts')).StoreMessages(await context()))
  const components = once(async () => new (await import('./components.ts')).StoreComponents(await context()))
  const workflows = once(async () => new (await import('./workflows.ts')).StoreWorkflows(await context()))
  const items = once(async () => new (await import('./items.ts')).StoreItems(await context()))
  return {
    messages: {
      send: async options => (await messages()).send(options),
      inbox: async options => (await messages()).inbox(options),
      read: async ids => (await messages()).read(ids),
    },
    components: {
      set: async options => (await components()).set(options),
      list: async options => (await components()).list(options),
      history: async options => (await components()).history(options),
    },
    workflows: {
      add: async options => (await workflows()).add(options),
      list: async options => (await workflows()).list(options),
      get: async id => (await workflows()).get(id),
      set: async options => (await workflows()).set(options),
    },
    items: {
      add: async options => (await items()).add(options),
      list: async options => (await items()).list(options),
      get: async id => (await items()).get(id),
      set: async options => (await items()).set(options),
    },
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= ownWork(make)
    return made
  }
}
