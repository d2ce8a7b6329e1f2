import type { GuardConfig } from './context.ts'
import { TOOLS } from './tools/index.ts'

/**
 * Every name that can begin a guarded command: the tools', the aliases' and the first words of the rules. A line
 * that contains none of them changes nothing that the guard knows.
 */
export function programNames(config?: GuardConfig): readonly string[] {
  const ruled = Object.keys(config?.rules ?? {}).map(pattern => pattern.trim().split(/\s+/)[0] ?? '')
  const names = [...TOOLS.flatMap(tool => tool.names), ...Object.keys(config?.aliases ?? {}), ...ruled]
  return [...new Set(names)].filter(name => name !== '')
}
