import type { Flags } from '../support/index.ts'
import type { Call, Word } from '../tool.ts'
import { type Context, contextIn, kubeconfigs } from './kubeconfig.ts'
import { CURRENT, switchedBefore } from './switched.ts'

/** The cluster and namespace that a command acts in. */
export interface Cluster {
  /** Undefined: neither a flag nor the context nor the default says it, because a part of the line isn't known. */
  readonly namespace: string | undefined
  /** From `guard.scopes`, by the API server's address or the context's name. */
  readonly scope: string | undefined
  /** Why there is no scope. */
  readonly note: string | undefined
}

/** The names of a tool's flags for what kubectl calls `--namespace`, `--context`, `--kubeconfig` and `--server`. */
export interface PlaceFlags {
  readonly namespace?: string
  readonly context?: string
  readonly kubeconfig?: string
  readonly server?: string
  readonly cluster?: string
  /** Variables that the tool reads instead of a flag that isn't given. */
  readonly variables?: { readonly namespace: string; readonly context?: string }
}

const NOTHING: Context = { name: undefined, namespace: undefined, server: undefined }

/** Finds where a command acts: its flags come first, then the kubeconfig's context, then the namespace `default`. */
export function clusterOf(call: Call, flags: Flags, names: PlaceFlags): Cluster {
  const given = (name: string | undefined) => {
    const value = name ? flags.value(name) : undefined
    return value?.text === '' ? undefined : value
  }
  const { variables } = names
  const switched = switchedBefore(call)
  const wanted = given(names.context) ?? variable(call, variables?.context)
  const context = wanted ?? switched.context
  const configs = kubeconfigs(call, given(names.kubeconfig))
  const [server, cluster] = [given(names.server), given(names.cluster)]
  const isKnown = configs !== undefined && (context === undefined || context.text !== undefined)
  const ambient = isKnown ? contextIn(configs, context?.text, cluster?.text) : NOTHING
  const inContext =
    (wanted ? undefined : switched.namespaces.get(CURRENT)) ??
    switched.namespaces.get(ambient.name ?? CURRENT)
  const namespace = given(names.namespace) ?? variable(call, variables?.namespace) ?? inContext
  const fallback = isKnown || (switched.isNew && !wanted) ? 'default' : undefined
  return {
    namespace: namespace ? namespace.text : (ambient.namespace ?? fallback),
    ...scopeBy(call, server ? server.text : ambient.server, server || cluster ? undefined : ambient.name),
  }
}

function variable({ env, unknownEnv, word }: Call, name: string | undefined): Word | undefined {
  if (name === undefined) return undefined
  if (unknownEnv.has(name)) return { ...word, text: undefined }
  return env[name] ? { ...word, text: env[name] } : undefined
}

/** The scope of a server's address or of a context's name, or a note that there is none. */
export function scopeBy(
  call: Call,
  address: string | undefined,
  context: string | undefined,
): Pick<Cluster, 'scope' | 'note'> {
  const scopes = call.context.config?.scopes ?? {}
  const scope = own(scopes, address) ?? own(scopes, address?.replace(/\/+$/, '')) ?? own(scopes, context)
  if (scope !== undefined || context === undefined) return { scope, note: undefined }
  return { scope, note: `context "${context}" has no entry in guard.scopes` }
}

function own(map: Readonly<Record<string, string>>, key: string | undefined): string | undefined {
  return key !== undefined && Object.hasOwn(map, key) ? map[key] : undefined
}
