import { CLOUDS } from './clouds/index.ts'
import { HOSTS } from './hosts/index.ts'
import { KUBE } from './kube/index.ts'
import { STACKS } from './stacks/index.ts'
import type { Tool } from './tool.ts'

/** Every tool that the guard knows. */
export const TOOLS: readonly Tool[] = [...KUBE, ...STACKS, ...HOSTS, ...CLOUDS]

const BY_NAME: ReadonlyMap<string, Tool> = new Map(
  TOOLS.flatMap(tool => tool.names.map(name => [name, tool] as const)),
)

/** The tool with a program's name. */
export function toolNamed(name: string): Tool | undefined {
  return BY_NAME.get(name)
}
