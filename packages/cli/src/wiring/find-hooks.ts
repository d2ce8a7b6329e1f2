import { join } from 'node:path'
import type { Environment } from '@presence/core'
import { isTrustedAddress } from '@presence/core/internal'
import type { Handler } from '@presence/doctor/wiring'
import { isWritten, WIRING_AGENTS } from './agents.ts'
import { valueAt } from './edit.ts'
import { isOurHttpHook, isWrittenHttpHook } from './http-hook.ts'
import { textIn } from './text-in.ts'
import { userFile } from './user-folder.ts'
import { projectTop } from './wire.ts'

/** A file that may have handlers of ours. */
interface Place {
  readonly agent: string
  readonly file: string
  /** True if the file is the user's own, not a project's. */
  readonly own: boolean
}

type WithoutTrust<Each> = Each extends unknown ? Omit<Each, 'trusted'> : never
type Unjudged = WithoutTrust<FoundHandler>

/** A handler of ours, and whether the file that it is in is the user's own. */
export type FoundHandler = Handler & Pick<Place, 'own'>

/**
 * All handlers of ours: in each agent's settings of the project and of the user, and in Claude Code's plugin.
 */
export function findHandlers(env: Environment, cwd: string): readonly FoundHandler[] {
  const places = WIRING_AGENTS.flatMap(({ name, settings }) => placesOf(name, settings, env, cwd))
  const unique = new Map(places.map(each => [each.file, each]))
  const found = [...[...unique.values()].flatMap(place => handlersIn(place)), ...pluginHandlers(env, cwd)]
  return found.map(handler => ({
    ...handler,
    trusted: handler.own || handler.server === undefined || isTrustedAddress(handler.server, cwd, env),
  }))
}

/** An agent's settings of the project and of the user, each with its local variant. */
function placesOf(agent: string, settings: string, env: Environment, cwd: string): readonly Place[] {
  const top = projectTop(cwd)
  return [settings, settings.replace(/settings\.json$/, 'settings.local.json')].flatMap(path => {
    const own = userFile(agent, path, env, cwd)
    return [
      { agent, file: join(top, path), own: false },
      ...(own === undefined ? [] : [{ agent, file: own, own: true }]),
    ]
  })
}

/**
 * The plugin's handlers, if a settings file enables the plugin and Claude Code says where it is installed.
 */
function pluginHandlers(env: Environment, cwd: string): readonly Unjudged[] {
  const plugins = userFile('claude-code', '.claude/plugins', env, cwd)
  if (plugins === undefined) return []
  const enabled = placesOf('claude-code', '.claude/settings.json', env, cwd)
    .flatMap(({ file }) => Object.entries((valueIn(file, ['enabledPlugins']) as object | undefined) ?? {}))
    .filter(([id, on]) => id.startsWith('presence@') && on === true)
    .map(([id]) => id)
  return [...new Set(enabled)].flatMap(id => {
    const installed = valueIn(join(plugins, 'installed_plugins.json'), ['plugins', id, 0, 'installPath'])
    if (typeof installed !== 'string') return []
    const data = join(plugins, 'data', id.replaceAll('@', '-'))
    // Counts as the user's own, because the user's own agent installed it.
    const place = { agent: 'claude-code', file: join(installed, 'hooks/hooks.json'), own: true }
    return handlersIn(place, {
      isOurs: () => true,
      asRun: command =>
        command.replace(/\$\{CLAUDE_PLUGIN_(ROOT|DATA)\}/g, (_, which) =>
          which === 'ROOT' ? installed : data,
        ),
    })
  })
}

function handlersIn(
  { agent, file, own }: Place,
  { isOurs = isWritten, asRun = (command: string) => command } = {},
): readonly Unjudged[] {
  const hooks = valueIn(file, ['hooks'])
  if (typeof hooks !== 'object' || hooks === null) return []
  return Object.entries(hooks).flatMap(([event, entries]) =>
    objectsIn(entries).flatMap((hook): readonly Unjudged[] => {
      const about = { agent, event, file, own }
      if (isOurHttpHook(hook)) {
        return [{ ...about, http: hook, ours: isWrittenHttpHook(hook), server: hook.url }]
      }
      const { command } = hook as { command?: unknown }
      if (typeof command !== 'string' || !/\bpresence(-hook|["']? hook)\b/.test(command)) return []
      const server = /--http '([^']*)'/.exec(command)?.[1]
      return [{ ...about, command: asRun(command), ours: isOurs(command), server }]
    }),
  )
}

/** Every object at any depth, because agents group their handlers differently. */
function objectsIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  const within = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? within : [value, ...within]
}

/** A value in a JSON file; undefined if the value or the file is missing, or the file can't be read. */
function valueIn(file: string, path: readonly (string | number)[]): unknown {
  try {
    return valueAt(textIn(file), [...path])
  } catch {
    return undefined
  }
}
