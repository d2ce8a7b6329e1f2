import { at, isMap, listAt, readYaml, textAt, type Yaml } from '../../yaml/index.ts'
import { type Flags, labelOf, namespaced } from '../support/index.ts'
import type { Call, Word } from '../tool.ts'

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
  readonly variables?: { readonly namespace: string; readonly context: string }
}

interface Ambient {
  readonly context: string | undefined
  readonly namespace: string | undefined
  readonly server: string | undefined
}

const NONE: Ambient = { context: undefined, namespace: undefined, server: undefined }
/** A longer KUBECONFIG isn't one that a person uses. */
const FILES_MAX = 8

/** Finds where a command acts: its flags come first, then the kubeconfig's context, then the namespace `default`. */
export function clusterOf(call: Call, flags: Flags, names: PlaceFlags): Cluster {
  const given = (name: string | undefined) => (name ? flags.value(name) : undefined)
  const { variables } = names
  const context = given(names.context) ?? variable(call, variables?.context)
  const server = given(names.server)
  const found =
    context && context.text === undefined
      ? NONE
      : ambient(call, given(names.kubeconfig), context?.text, given(names.cluster)?.text)
  const address = server ? server.text : found.server
  const namespace = given(names.namespace) ?? variable(call, variables?.namespace)
  return {
    namespace: namespace ? namespace.text : (found.namespace ?? (isKnown(context) ? 'default' : undefined)),
    ...scopeBy(call, address, server ? undefined : (context?.text ?? found.context)),
  }
}

function variable({ env, unknownEnv, word }: Call, name: string | undefined): Word | undefined {
  if (name === undefined) return undefined
  if (unknownEnv.has(name)) return { ...word, text: undefined }
  return env[name] ? { ...word, text: env[name] } : undefined
}

const isKnown = (word: Word | undefined) => word === undefined || word.text !== undefined

/** The scope of an API server's address or of a context's name, or a note that there is none. */
function scopeBy(
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

/** What the kubeconfig says. On another machine, or if its path isn't known, nothing. */
function ambient(
  call: Call,
  kubeconfig: Word | undefined,
  wanted: string | undefined,
  wantedCluster: string | undefined,
): Ambient {
  if (call.isRemote) return { ...NONE, context: wanted }
  const configs = pathsOf(call, kubeconfig).map(path => read(call, path))
  const first = (look: (config: Yaml) => Yaml): Yaml => configs.map(look).find(value => value != null)
  const name = wanted ?? text(first(config => at(config, 'current-context')))
  const named = (list: string, of: string | undefined) =>
    first(config => listAt(config, list).find(entry => isMap(entry) && entry['name'] === of))
  const context = at(named('contexts', name), 'context')
  const cluster = wantedCluster ?? textAt(context, 'cluster')
  return {
    context: name,
    namespace: textAt(context, 'namespace'),
    server: textAt(named('clusters', cluster), 'cluster', 'server'),
  }
}

const text = (value: Yaml) => (typeof value === 'string' ? value : undefined)

function read(call: Call, path: string): Yaml {
  const content = call.read(path)
  return content === undefined ? undefined : readYaml(content, call.budget)[0]
}

function pathsOf({ env, unknownEnv, context }: Call, kubeconfig: Word | undefined): readonly string[] {
  if (kubeconfig) return kubeconfig.text === undefined ? [] : [kubeconfig.text]
  if (unknownEnv.has('KUBECONFIG')) return []
  const set = env['KUBECONFIG']
  if (set) return set.split(':').filter(Boolean).slice(0, FILES_MAX)
  const home = env['HOME'] ?? context.home
  return home ? [`${home}/.kube/config`] : []
}

/** The resources that belong to no namespace, by their kind in the singular. */
const CLUSTER_WIDE: ReadonlySet<string> = new Set(
  `apiservice certificatesigningrequest clusterrole clusterrolebinding componentstatus csidriver csinode
   customresourcedefinition flowschema ingressclass mutatingwebhookconfiguration namespace node persistentvolume
   podsecuritypolicy priorityclass prioritylevelconfiguration runtimeclass storageclass validatingadmissionpolicy
   validatingadmissionpolicybinding validatingwebhookconfiguration volumeattachment volumesnapshotclass
   volumesnapshotcontent clusterissuer gatewayclass clusterpolicy nodepool nodeclaim ec2nodeclass`.split(
    /\s+/,
  ),
)

/** Workloads and services are claimed as services. */
const SERVICES: ReadonlySet<string> = new Set(
  'deployment statefulset daemonset replicaset replicationcontroller job cronjob service rollout'.split(' '),
)

const SHORT: Readonly<Record<string, string>> = {
  cj: 'cronjob',
  cm: 'configmap',
  crd: 'customresourcedefinition',
  crds: 'customresourcedefinition',
  cs: 'componentstatus',
  csr: 'certificatesigningrequest',
  deploy: 'deployment',
  ds: 'daemonset',
  ep: 'endpoints',
  ev: 'event',
  hpa: 'horizontalpodautoscaler',
  ing: 'ingress',
  limits: 'limitrange',
  netpol: 'networkpolicy',
  no: 'node',
  ns: 'namespace',
  pc: 'priorityclass',
  pdb: 'poddisruptionbudget',
  po: 'pod',
  psp: 'podsecuritypolicy',
  pv: 'persistentvolume',
  pvc: 'persistentvolumeclaim',
  quota: 'resourcequota',
  rc: 'replicationcontroller',
  ro: 'rollout',
  rs: 'replicaset',
  sa: 'serviceaccount',
  sc: 'storageclass',
  sts: 'statefulset',
  svc: 'service',
}

/** The singular of a resource's type as typed: `deploy`, `Deployments`, `deployments.v1.apps`. */
export function kindOf(type: string): string {
  const name = type.toLowerCase().split('.')[0] ?? ''
  const short = Object.hasOwn(SHORT, name) ? SHORT[name] : undefined
  if (short !== undefined) return short
  if (name === 'endpoints' || /(ss|us|is)$/.test(name)) return name
  return name
    .replace(/ies$/, 'y')
    .replace(/(ss|us|x|ch|sh)es$/, '$1')
    .replace(/([^s])s$/, '$1')
}

/** Whether resources of this kind, in the singular, belong to no namespace. */
export function isClusterWide(kind: string): boolean {
  return CLUSTER_WIDE.has(kind)
}

/** The label of one resource; undefined if its name or its namespace isn't known. */
export function resourceLabel(
  kind: string,
  name: string | undefined,
  { namespace, scope }: Pick<Cluster, 'namespace' | 'scope'>,
): string | undefined {
  if (!name) return undefined
  if (kind === 'node') return labelOf('node', name, scope)
  if (kind === 'namespace') return labelOf('namespace', name, scope)
  if (kind === 'persistentvolumeclaim') return namespaced('pvc', namespace, name, scope)
  if (SERVICES.has(kind)) return namespaced('service', namespace, name, scope)
  if (isClusterWide(kind)) return labelOf('infra', `${kind}/${name}`)
  return namespaced('infra', namespace, `${kind}/${name}`)
}
