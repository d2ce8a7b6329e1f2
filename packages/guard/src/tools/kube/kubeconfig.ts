import type { Budget } from '../../budget.ts'
import { at, isMap, listAt, readYaml, textAt, type Yaml } from '../../yaml/index.ts'
import type { Call, Word } from '../tool.ts'

/** What a kubeconfig says of one context. */
export interface Context {
  readonly name: string | undefined
  readonly namespace: string | undefined
  readonly server: string | undefined
}

/** A longer KUBECONFIG isn't one that a person uses. */
const FILES_MAX = 8

/**
 * The kubeconfig files of a command, or undefined if a part of the line that isn't known names them. Of several
 * files the first one that says something counts, as for kubectl.
 */
export function kubeconfigs(call: Call, given: Word | undefined): readonly Yaml[] | undefined {
  if (call.isRemote) return []
  return pathsOf(call, given)?.map(path => {
    const content = call.read(path)
    return content === undefined ? undefined : parsed(content, call.budget)
  })
}

/** What was read in one analysis: a loop asks for the same file many times. */
const PARSED = new WeakMap<Budget, Map<string, Yaml>>()

function parsed(content: string, budget: Budget): Yaml {
  const known = PARSED.get(budget) ?? new Map<string, Yaml>()
  PARSED.set(budget, known)
  if (!known.has(content)) known.set(content, readYaml(content, budget)[0])
  return known.get(content)
}

function pathsOf({ env, unknownEnv, context }: Call, given: Word | undefined): readonly string[] | undefined {
  if (given) return given.text === undefined ? undefined : [given.text]
  if (unknownEnv.has('KUBECONFIG')) return undefined
  const set = env['KUBECONFIG']
  if (set) return set.split(':').filter(Boolean).slice(0, FILES_MAX)
  const home = env['HOME'] ?? context.home
  return home ? [`${home}/.kube/config`] : []
}

/** One context of some kubeconfigs, with the address of its cluster or of another one. */
export function contextIn(
  configs: readonly Yaml[],
  wanted: string | undefined,
  otherCluster: string | undefined,
): Context {
  const first = (look: (config: Yaml) => Yaml): Yaml => configs.map(look).find(value => value != null)
  const current = first(config => at(config, 'current-context'))
  const name = wanted ?? (typeof current === 'string' ? current : undefined)
  const named = (list: string, of: string | undefined) =>
    first(config => listAt(config, list).find(entry => isMap(entry) && entry['name'] === of))
  const context = at(named('contexts', name), 'context')
  const cluster = otherCluster ?? textAt(context, 'cluster')
  return {
    name,
    namespace: textAt(context, 'namespace'),
    server: textAt(named('clusters', cluster), 'cluster', 'server'),
  }
}
