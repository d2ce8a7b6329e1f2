import { completedLabel, type LabelDefaults } from '../domain/completed-label.ts'
import { isFault } from '../domain/fault.ts'
import { type ConfigFile, readConfigs } from './file.ts'
import type { Environment } from './folders.ts'
import { isUntrusted } from './trust.ts'

/**
 * What `defaultScope` and `defaultNamespace` say in a folder: the nearest config file that names one, and that this user
 * trusts if it needs trust.
 *
 * @throws PresenceError `invalid_config`
 */
export function labelDefaults(cwd: string, env: Environment): LabelDefaults {
  const isUsed = ({ config }: ConfigFile) =>
    config.defaultScope !== undefined || config.defaultNamespace !== undefined
  const files = readConfigs(cwd, env).files.filter(file => isUsed(file) && !isUntrusted(file, env))
  const scope = files.find(({ config }) => config.defaultScope !== undefined)?.config.defaultScope
  const namespace = files.find(({ config }) => config.defaultNamespace !== undefined)?.config.defaultNamespace
  return { ...(scope === undefined ? {} : { scope }), ...(namespace === undefined ? {} : { namespace }) }
}

/**
 * What completes the labels that somebody types in a folder. A config file that can't be read completes none: opening
 * the board tells what is wrong with it.
 */
export function labelCompleter(cwd: string, env: Environment): (typed: string) => string {
  try {
    const defaults = labelDefaults(cwd, env)
    return typed => completedLabel(typed, defaults)
  } catch (error) {
    if (!isFault(error)) throw error
    return typed => typed
  }
}
