import { refuse } from './faults.ts'
import type { App } from './route.ts'

/**
 * Answers 405 with `Allow` to other methods on the paths of existing routes.
 * Must be called after adding the routes.
 */
export function refuseOtherMethods(app: App): void {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes)
    if (method !== 'ALL') methods.set(path, (methods.get(path) ?? new Set()).add(method))
  for (const [path, taken] of methods) {
    // Every GET route also answers HEAD.
    const allowed = [...taken, ...(taken.has('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, c => {
      c.header('Allow', allowed)
      return refuse(c, 405, 'method_not_allowed', `this address takes ${allowed}`)
    })
  }
}
