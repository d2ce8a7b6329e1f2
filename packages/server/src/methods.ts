import type { App } from './app.ts'
import { refuse } from './faults.ts'

/** Answers any other method on a path that there is with 405, and says which it takes. Comes after the routes. */
export function refuseOtherMethods(app: App): void {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes)
    if (method !== 'ALL') methods.set(path, (methods.get(path) ?? new Set()).add(method))
  for (const [path, taken] of methods) {
    // HEAD is answered wherever GET is.
    const allowed = [...taken, ...(taken.has('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, c => {
      c.header('Allow', allowed)
      return refuse(c, 405, 'method_not_allowed', `this address takes ${allowed}`)
    })
  }
}
