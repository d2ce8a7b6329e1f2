import type { Ask } from '../calls/table.ts'
import type { ComponentGroup } from '../coordination/component-group.ts'
import type { ItemGroup } from '../coordination/item-group.ts'
import type { MessageGroup } from '../coordination/message-group.ts'
import type { WorkflowGroup } from '../coordination/workflow-group.ts'
import { parseLimit } from '../domain/page.ts'
import type { Refused } from '../domain/refusal.ts'
import { parsePriority } from '../domain/work.ts'

/** The things that sessions share besides claims, one group for each kind. */
export interface Groups {
  /** Messages between sessions. */
  readonly messages: MessageGroup
  /** The components of projects and their states. */
  readonly components: ComponentGroup
  /** Work of several steps that outlasts a session. */
  readonly workflows: WorkflowGroup
  /** Work items: steps of a workflow, or on their own. */
  readonly items: ItemGroup
}

/**
 * The groups of a board. Gives each message, state, workflow and item an id, so that a call that is sent
 * twice takes effect once.
 */
export function groupsOn(ask: Ask): Groups {
  return {
    messages: {
      send: options => ask('messages/send', withId(options)),
      inbox: (options = {}) => ask('messages/inbox', paged(options)),
      read: ids => (ids === 'all' ? ask('messages/read-all', {}) : ask('messages/read', { ids })),
    },
    components: {
      set: options => ask('components/set', withId(options)),
      list: (options = {}) => ask('components/list', paged(options)),
      history: options => ask('components/history', paged(options)),
    },
    workflows: {
      add: options => ask('workflows/add', withId(options)),
      list: (options = {}) => ask('workflows/list', paged(options)),
      get: id => ask('workflows/get', { id }),
      set: options => ask('workflows/set', options),
    },
    items: {
      add: async options => refusedPriority(options) ?? ask('items/add', withId(options)),
      list: (options = {}) => ask('items/list', paged(options)),
      get: id => ask('items/get', { id }),
      set: async options => refusedPriority(options) ?? ask('items/set', options),
    },
  }
}

function withId<Options extends { readonly id?: string }>(
  options: Options,
): Options & { readonly id: string } {
  return { ...options, id: options.id ?? crypto.randomUUID() }
}

/** Limits the length of a page. */
function paged<Options extends { readonly limit?: number }>(options: Options): Options {
  return options.limit === undefined ? options : { ...options, limit: parseLimit(options.limit) }
}

/** JSON can't represent NaN or Infinity, so check the priority here. */
function refusedPriority({ priority }: { readonly priority?: number }): Refused | undefined {
  const checked = priority === undefined ? undefined : parsePriority(priority)
  return checked?.ok === false ? checked : undefined
}
