import type { Store } from '../src/store/port/store.ts'

/**
 * The same store, on which something else happens once, right before the given call of the given statement.
 */
export function interrupted(
  store: Store,
  at: keyof Store | `locks.${string}`,
  meanwhile: () => Promise<unknown>,
  call = 1,
): Store {
  let calls = 0
  const on = (object: object, prefix: string): object =>
    new Proxy(object, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (name === 'locks') return on(value as object, 'locks.')
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          if (`${prefix}${String(name)}` === at && ++calls === call) await meanwhile()
          return value.apply(target, args)
        }
      },
    })
  return on(store, '') as Store
}
