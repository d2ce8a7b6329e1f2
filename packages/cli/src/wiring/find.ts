import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '@presence/core'
import { type Node, parseTree } from 'jsonc-parser'
import { isWritten, WIRING_AGENTS } from './agents.ts'
import { valueAt } from './edit.ts'
import { type HttpHook, isOurHttpHook, isWrittenHttpHook } from './http-hook.ts'
import { projectTop } from './wire.ts'

/** A handler of ours in an agent's settings, or in its plugin. */
export type Handler = {
  readonly agent: string
  readonly event: string
  readonly file: string
  /**
   * True if it is exactly what presence writes. Anything else may come from others, and the user has not
   * asked to run it.
   */
  readonly ours: boolean
  /** True if it is in the user's own settings, not in a project's. */
  readonly own: boolean
} & (
  | {
      /** As a shell would run it. */
      readonly command: string
    }
  | { readonly http: HttpHook }
)

/**
 * All handlers of ours: in each agent's settings of the project and of the user, and in Claude Code's plugin.
 */
export function findHandlers(env: Environment, cwd: string): readonly Handler[] {
  const home = env['HOME'] || homedir()
  const bases = [...new Set([projectTop(cwd), home])]
  const settings = WIRING_AGENTS.flatMap(({ name, settings }) =>
    bases.flatMap(base =>
      [settings, settings.replace(/settings\.json$/, 'settings.local.json')].map(file => ({
        agent: name,
        file: join(base, file),
        own: base === home,
      })),
    ),
  )
  const unique = new Map(settings.map(each => [each.file, each]))
  return [
    ...[...unique.values()].flatMap(({ agent, file, own }) =>
      handlersIn(file, agent, own, command => command),
    ),
    ...pluginHandlers(home, bases),
  ]
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
    const asRun = (command: string) =>
      command.replace(/\$\{CLAUDE_PLUGIN_(ROOT|DATA)\}/g, (_, which) => (which === 'ROOT' ? installed : data))
    // Counts as the user's own, because the user's own agent installed it.
    return handlersIn(join(installed, 'hooks/hooks.json'), 'claude-code', true, asRun, () => true)
  })
}

function handlersIn(
  file: string,
  agent: string,
  own: boolean,
  asRun: (command: string) => string,
  isOurs = isWritten,
): readonly Handler[] {
  const hooks = valueIn(file, ['hooks'])
  if (typeof hooks !== 'object' || hooks === null) return []
  return Object.entries(hooks).flatMap(([event, entries]) => [
    ...commandsIn(parseTree(JSON.stringify(entries)))
      .filter(command => /\bpresence(-hook|["']? hook)\b/.test(command))
      .map(command => ({ agent, event, command: asRun(command), file, own, ours: isOurs(command) })),
    ...requestsIn(entries).map(http => ({ agent, event, http, file, own, ours: isWrittenHttpHook(http) })),
  ])
}

/** All HTTP hooks of ours in an event's list. */
function requestsIn(entries: unknown): readonly HttpHook[] {
  if (!Array.isArray(entries)) return []
  const groups = entries.map(entry => (entry as { hooks?: unknown } | null)?.hooks)
  return groups.flatMap(hooks => (Array.isArray(hooks) ? hooks.filter(isOurHttpHook) : []))
}

/** A value in a JSON file; undefined if the file or the value is missing. */
function valueIn(file: string, path: readonly (string | number)[]): unknown {
  return existsSync(file) ? valueAt(readFileSync(file, 'utf8'), [...path]) : undefined
}

/** Finds every `command` at any depth, because agents group their handlers differently. */
function commandsIn(node: Node | undefined): readonly string[] {
  if (!node) return []
  const [key, value] = node.children ?? []
  if (node.type === 'property' && key?.value === 'command' && typeof value?.value === 'string')
    return [value.value]
  return (node.children ?? []).flatMap(commandsIn)
}
