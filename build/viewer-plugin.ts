import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The module, which is built into a file of its own: only a server loads it, when a browser asks for it. */
export const VIEWER = 'virtual:api-viewer'
const FILE = createRequire(join(import.meta.dirname, '../packages/server/package.json')).resolve(
  'openapi-explorer/dist/browser/openapi-explorer.min.js',
)

/**
 * `import { viewer } from 'virtual:api-viewer'`: the script that shows an OpenAPI document in a browser, so that a built
 * file can serve it without other files.
 *
 * @param inTests reads the script when the module is loaded: vitest takes seconds to parse it
 */
export function viewerPlugin({ inTests = false } = {}) {
  // In a bundle the module has the path of its package, by which the licenses are collected.
  const resolved = inTests ? `\0${VIEWER}` : `${FILE}?text`
  return {
    name: 'api-viewer',
    resolveId: (id: string) => (id === VIEWER ? resolved : undefined),
    load: (id: string) =>
      id === resolved ? { code: inTests ? READ : embedded(), moduleType: 'js' as const } : undefined,
  }
}

const READ = `import { readFileSync } from 'node:fs'
export const viewer = readFileSync(${JSON.stringify(FILE)}, 'utf8')`

function embedded(): string {
  return `export const viewer = ${JSON.stringify(readFileSync(FILE, 'utf8'))}`
}
