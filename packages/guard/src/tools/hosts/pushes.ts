import { parseFlags } from '../support/index.ts'
import type { Word } from '../tool.ts'
import { REGISTRY } from './docker-verbs.ts'

const BUILDING = { values: ['-o --output', '-t --tag', '-f --file', '--set', '--platform', '--build-arg'] }
const PUSHING = /(^|[,=])(type=registry|push=true)(,|$)/

/** Whether a command changes a registry, which others share. It has no label. */
export function isPushed(group: string, verb: string, args: readonly Word[]): boolean {
  const flags = parseFlags(args, BUILDING)
  if (group === 'buildx' && verb === 'imagetools') return args[0]?.text === 'create' && !flags.has('dry-run')
  if (REGISTRY.has(`${group} ${verb}`)) return true
  // `trust signer add KEY REPOSITORY`
  if (group === 'trust' && verb === 'signer') return /^(add|remove)$/.test(args[0]?.text ?? '')
  if (verb !== 'build' && verb !== 'bake' && verb !== 'b') return false
  const outputs = [...flags.values('output'), ...flags.values('set')]
  return flags.has('push') || outputs.some(({ text }) => PUSHING.test(text ?? ''))
}
