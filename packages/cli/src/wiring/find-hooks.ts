import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '@presence/core'
import type { Handler } from '@presence/doctor/wiring'
import { isWritten, WIRING_AGENTS } from './agents.ts'
import { valueAt } from './edit.ts'
import { isLoopback, isOurHttpHook, isWrittenHttpHook } from './http-hook.ts'
import { projectTop } from './wire.ts'

/** A file that may have handlers of ours. */
interface Place {
  readonly agent: string
  readonly file: string
  /** True if the file is the user's own, not a project's. */
  readonly own: boolean
}

/**
 * All handlers of ours: in each agent's settings of the project and of the user, and in Claude Code's plugin.
 */
export function findHandlers(env: Environment, cwd: string): readonly Handler[] {
  const home = env['HOME'] || homedir()
  const bases = [...new Set([projectTop(cwd), home])]
  const places = WIRING_AGENTS.flatMap(({ name, settings }) =>
    bases.flatMap(base =>
      [settings, settings.replace(/settings\.json$/, 'settings.local.json')].map(file => ({
        agent: name,
        file: join(base, file),
        own: base === home,
      })),
    ),
  )
  const unique = new Map(places.map(each => [each.file, each]))
  return [...[...unique.values()].flatMap(place => handlersIn(place)), ...pluginHandlers(home, bases)]
}

/**
 * The plugin's handlers, if a settings file enables the plugin and Claude Code says where it is installed.
 */
function pluginHandlers(home: string, bases: readonly string[]): readonly Handler[] {
  const enabled = bases
    .flatMap(base => ['settings.json', 'settings.local.json'].map(name => join(base, '.claude', name)))
    .flatMap(file => Object.entries((valueIn(file, ['enabledPlugins']) as object | undefined) ?? {}))
    .filter(([id, on]) => id.startsWith('presence@') && on === true)
    .map(([id]) => id)
  return [...new Set(enabled)].flatMap(id => {
    const installed = valueIn(join(home, '.claude/plugins/installed_plugins.json'), [
      'plugins',
      id,
      0,
      'installPath',
    ])
    if (typeof installed !== 'string') return []
    const data = join(home, '.claude/plugins/data', id.replaceAll('@', '-'))
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
): readonly Handler[] {
  const hooks = valueIn(file, ['hooks'])
  if (typeof hooks !== 'object' || hooks === null) return []
  return Object.entries(hooks).flatMap(([event, entries]) =>
    objectsIn(entries).flatMap((hook): readonly Handler[] => {
      const about = { agent, event, file }
      if (isOurHttpHook(hook)) {
        const server = hook.url
        return [
          { ...about, http: hook, ours: isWrittenHttpHook(hook), server, trusted: own || isLoopback(server) },
        ]
      }
      const { command } = hook as { command?: unknown }
      if (typeof command !== 'string' || !/\bpresence(-hook|["']? hook)\b/.test(command)) return []
      const server = /--http '([^']*)'/.exec(command)?.[1]
      const trusted = own || server === undefined || isLoopback(server)
      return [{ ...about, command: asRun(command), ours: isOurs(command), server, trusted }]
    }),
  )
}

/** Every object at any depth, because agents group their handlers differently. */
function objectsIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  const within = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? within : [value, ...within]
}

/** A value in a JSON file; undefined if the file or the value is missing. */
function valueIn(file: string, path: readonly (string | number)[]): unknown {
  return existsSync(file) ? valueAt(readFileSync(file, 'utf8'), [...path]) : undefined
}
