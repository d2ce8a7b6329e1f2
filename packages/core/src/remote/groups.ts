import { parseLimit } from '../domain/page.ts'
import type { Refused } from '../domain/refusal.ts'
import { parsePriority } from '../domain/work.ts'
import type { Groups } from '../groups/lazy.ts'
import type { Ask } from './steps.ts'

/** The groups of a server's board. */
export function groupsOver(ask: Ask): Groups {
  return {
    messages: {
      send: options => ask('messages/send', options),
      inbox: (options = {}) => ask('messages/inbox', paged(options)),
      read: ids => (ids === 'all' ? ask('messages/read-all', {}) : ask('messages/read', { ids })),
    },
    components: {
      set: options => ask('components/set', options),
      list: (options = {}) => ask('components/list', paged(options)),
      history: options => ask('components/history', paged(options)),
    },
    workflows: {
      add: options => ask('workflows/add', options),
      list: (options = {}) => ask('workflows/list', paged(options)),
      get: id => ask('workflows/get', { id }),
      set: options => ask('workflows/set', options),
    },
    items: {
      add: async options => refusedPriority(options) ?? ask('items/add', options),
      list: (options = {}) => ask('items/list', paged(options)),
      get: id => ask('items/get', { id }),
      set: async options => refusedPriority(options) ?? ask('items/set', options),
    },
  }
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
