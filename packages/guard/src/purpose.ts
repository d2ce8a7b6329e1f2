import type { Effect } from './effect.ts'

/** Labels that are named in a purpose; of more only the number is given. */
const NAMED = 4

/**
 * What a command does, in short: tool, verb and targets. It is made from the effects alone, so no value of an
 * option, and nothing that could be a secret, gets into it.
 * @example purposeOf(effects) // 'kubectl drain k8s-1'
 */
export function purposeOf(effects: readonly Effect[]): string {
  const groups = new Map<string, string[]>()
  const changing = effects.filter(each => each.effect !== 'reads')
  for (const { tool, verb, label, target } of changing.length ? changing : effects) {
    const names = groups.get(`${tool} ${verb}`.trim()) ?? []
    const name = label === null ? '' : label.slice(label.indexOf(':') + 1)
    names.push(target === 'all' && name === '' ? 'everything' : name)
    groups.set(`${tool} ${verb}`.trim(), names)
  }
  return [...groups].map(([what, names]) => [what, ...some([...new Set(names)])].join(' ').trim()).join('; ')
}

function some(names: readonly string[]): readonly string[] {
  const given = names.filter(name => name !== '')
  return given.length <= NAMED ? given : [...given.slice(0, NAMED), `and ${given.length - NAMED} more`]
}
