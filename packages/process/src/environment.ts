/** The launcher adds this before the names of variables that it keeps from Node: see launch.sh. */
const KEPT = 'PRESENCE_KEPT_'

/**
 * Gives the environment back as the user set it, for the programs that presence starts: the launcher starts Node
 * without the variables that are meant for the user's own Node programs.
 */
export function restoreEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  // The launcher's compile cache is for this program only.
  delete env['NODE_COMPILE_CACHE']
  for (const name of Object.keys(env))
    if (name.startsWith(KEPT)) {
      env[name.slice(KEPT.length)] = env[name]
      delete env[name]
    }
}

/** The variables that the launcher keeps from Node: see launch.sh. */
const FOR_OTHERS = [
  'NODE_OPTIONS',
  'NODE_V8_COVERAGE',
  'NODE_COMPILE_CACHE',
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_ICU_DATA',
  'NODE_NO_WARNINGS',
  'NODE_UNIQUE_ID',
]

/**
 * The environment for a process of presence's own that is started without the launcher: the opposite of
 * `restoreEnvironment`, which that process calls.
 */
export function forNode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).map(([name, value]) => [
    FOR_OTHERS.includes(name) ? KEPT + name : name,
    value,
  ])
  return Object.fromEntries(kept)
}

/** The current folder, or `/` if it was deleted, because the board can still be asked. */
export function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}
