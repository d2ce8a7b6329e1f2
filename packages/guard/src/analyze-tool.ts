import type { GuardConfig } from './context.ts'
import type { Analysis } from './effect.ts'
import { matched, wellFormed } from './rules.ts'

/** Keys of a path: `${input.spec.name}`. */
const PLACE = /\$\{input((?:\.[\w-]+)+)\}/g

/**
 * Says what a call of another MCP server's tool would change, by `guard.tools` of the config. A tool that isn't
 * listed there changes nothing that the guard knows.
 * @param name the tool's full name, such as `mcp__deploy__push`; the config's names may contain stars
 * @example analyzeTool('mcp__deploy__push', { name: 'web' }, { tools: { mcp__deploy__push: 'service:${input.name}' } })
 */
export function analyzeTool(name: string, input: unknown, config?: GuardConfig): Analysis {
  const templates = Object.entries(config?.tools ?? {}).filter(([pattern]) => matched(pattern, name))
  const effects = templates.map(([, template]) => {
    const label = labelFrom(template, input)
    return {
      label: label ?? null,
      tool: name,
      verb: '',
      effect: 'changes',
      target: label === undefined ? 'unknown' : 'exact',
      words: [0, name.length],
    } as const
  })
  return { effects, ranOut: false }
}

function labelFrom(template: string, input: unknown): string | undefined {
  let isKnown = true
  const text = template.replace(PLACE, (_, path: string) => {
    const value = path.slice(1).split('.').reduce(inside, input)
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value)
    isKnown = false
    return ''
  })
  return isKnown ? wellFormed(text) : undefined
}

function inside(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string, unknown>>)[key]
}
