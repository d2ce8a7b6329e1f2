import { labelOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import { GUARD_MODES, type GuardConfig, type GuardMode } from './config.ts'
import { type ConfigFile, readConfigs } from './file.ts'
import type { Environment } from './folders.ts'
import { isGuardTrusted } from './guard-trust.ts'

type Modes = Readonly<Record<string, GuardMode>>

/** What the config files that apply in a folder say about the guard. */
export interface GuardSettings {
  /** From the user's file and from a project's file that is trusted. The project's entry wins over the user's. */
  readonly config: GuardConfig
  /** The modes of a project's file that isn't trusted. They count only where they are stricter. */
  readonly stricter: Modes
  /** What else such a file says, and doesn't count; for people. */
  readonly passedOver: readonly PresenceError[]
}

const MAPS = ['rules', 'modes', 'scopes', 'aliases', 'tools'] as const

/**
 * Reads the guard's settings that apply in a folder.
 *
 * @throws PresenceError `invalid_config`
 */
export function guardSettings(cwd: string, env: Environment): GuardSettings {
  return guardSettingsIn(readConfigs(cwd, env).files, env)
}

/** The same, of files that were read already: the nearest first. */
export function guardSettingsIn(all: readonly ConfigFile[], env: Environment): GuardSettings {
  const files = all.filter(({ config }) => config.guard !== undefined)
  const counts = files.map(file => file.own || isGuardTrusted(file, env))
  const trusted = files.filter((_, index) => counts[index])
  const others = files.filter((_, index) => !counts[index])
  return {
    config: merged(trusted.map(({ config }) => config.guard ?? {})),
    stricter: Object.assign({}, ...others.map(({ config }) => config.guard?.modes)),
    passedOver: others.flatMap(passedOver),
  }
}

/**
 * What the guard does about labels of a kind.
 *
 * @param wired the mode that the hooks are wired with
 * @param lowered `PRESENCE_GUARD` of the environment that the agent was started with: `off` and `note` only lower
 */
export function guardModeOf(
  { config, stricter }: Pick<GuardSettings, 'config' | 'stricter'>,
  kind: string,
  wired: GuardMode,
  lowered?: string,
): GuardMode {
  const own = (modes: Modes | undefined) => (modes && Object.hasOwn(modes, kind) ? modes[kind] : undefined)
  const base = own(config.modes) ?? wired
  const mode = strictest(base, own(stricter) ?? base)
  if (lowered === 'off') return 'off'
  return lowered === 'note' && rank(mode) > rank('note') ? 'note' : mode
}

/** The names of what a file says about the guard and needs trust for. A stricter mode needs none. */
export function looseIn({ modes = {}, ...rest }: GuardConfig): readonly string[] {
  const names = MAPS.filter(name => name !== 'modes' && Object.keys(rest[name] ?? {}).length > 0)
  const weak = Object.values(modes).filter(mode => rank(mode) < rank('pause'))
  return [
    ...names,
    ...((rest.ignore ?? []).length > 0 ? ['ignore'] : []),
    ...(weak.length > 0 ? [`modes (${[...new Set(weak)].join(', ')})`] : []),
  ]
}

function passedOver(file: ConfigFile): readonly PresenceError[] {
  const loose = looseIn(file.config.guard ?? {})
  if (loose.length === 0) return []
  const message = `the guard passes over ${loose.join(', ')} of ${labelOf(file.path)}: you have not trusted them`
  return [new PresenceError('untrusted', message, 'read that file, then run: presence trust')]
}

/** The nearest file is the first. */
function merged(guards: readonly GuardConfig[]): GuardConfig {
  const farthestFirst = guards.toReversed()
  const maps = MAPS.flatMap(name => {
    const entries = farthestFirst.flatMap(guard => Object.entries(guard[name] ?? {}))
    return entries.length === 0 ? [] : [[name, Object.fromEntries(entries)]]
  })
  const ignore = [...new Set(guards.flatMap(guard => guard.ignore ?? []))]
  return { ...Object.fromEntries(maps), ...(ignore.length === 0 ? {} : { ignore }) }
}

function strictest(a: GuardMode, b: GuardMode): GuardMode {
  return rank(a) < rank(b) ? b : a
}

function rank(mode: GuardMode): number {
  return GUARD_MODES.indexOf(mode)
}
