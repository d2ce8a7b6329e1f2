import { labelOf, namespaced } from '../support/index.ts'

/** The cluster's scope and the namespace in which a resource is. */
export interface Where {
  /** Undefined if it isn't known. */
  readonly namespace: string | undefined
  readonly scope: string | undefined
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** The resources that belong to no namespace, by their kind in the singular. */
const CLUSTER_WIDE = words(`
  apiservice certificatesigningrequest clusterrole clusterrolebinding clustertrustbundle componentstatus csidriver
  csinode customresourcedefinition deviceclass flowschema ingressclass ipaddress mutatingadmissionpolicy
  mutatingadmissionpolicybinding mutatingwebhookconfiguration namespace node persistentvolume podsecuritypolicy
  priorityclass prioritylevelconfiguration resourceslice runtimeclass servicecidr storageclass storageversion
  validatingadmissionpolicy validatingadmissionpolicybinding validatingwebhookconfiguration volumeattachment
  volumeattributesclass volumesnapshotclass volumesnapshotcontent
  ciliumclusterwidenetworkpolicy ciliumnode ec2nodeclass gatewayclass globalnetworkpolicy nodeclaim nodepool`)

/** Kinds of other projects that begin with `cluster` and belong to a namespace all the same. */
const CLUSTER_IN_NAMESPACE = words(
  'cluster clusterclass clusterresourceset clusterresourcesetbinding clusterserviceversion',
)

/** Workloads, services, Flux objects and Argo CD's applications are claimed as services. */
const SERVICES = words(`
  deployment statefulset daemonset replicaset replicationcontroller job cronjob service rollout
  application gitrepository helmchart helmrelease helmrepository kustomization ocirepository`)

/** Kinds of Kubernetes that are something else in another API group: `nodes.longhorn.io`. */
const OF_CORE = words('namespace node persistentvolume persistentvolumeclaim pod')

const SHORT: Readonly<Record<string, string>> = {
  app: 'application',
  apps: 'application',
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
  gitrepo: 'gitrepository',
  helmrepo: 'helmrepository',
  hpa: 'horizontalpodautoscaler',
  hr: 'helmrelease',
  ing: 'ingress',
  ks: 'kustomization',
  limits: 'limitrange',
  netpol: 'networkpolicy',
  no: 'node',
  ns: 'namespace',
  ocirepo: 'ocirepository',
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

/** The API version of a qualified type: `deployments.v1.apps`. */
const VERSION = /^v\d+((alpha|beta)\d+)?(\.|$)/
const NAME = /^[A-Za-z0-9][\w.:-]*$/

/**
 * The singular of a resource's type as typed: `deploy`, `Deployments`, `deployments.v1.apps`. A kind of Kubernetes
 * that another API group uses keeps the group: `node.longhorn.io`.
 */
export function kindOf(type: string): string {
  const [name = '', ...others] = type.toLowerCase().split('.')
  const group = others.join('.').replace(VERSION, '')
  const kind = singular(name)
  const isForeign = group.includes('.') && !group.endsWith('.k8s.io')
  return isForeign && OF_CORE.has(kind) ? `${kind}.${group}` : kind
}

function singular(name: string): string {
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
  return CLUSTER_WIDE.has(kind) || (kind.startsWith('cluster') && !CLUSTER_IN_NAMESPACE.has(kind))
}

/** The label of one resource; undefined if its name or its namespace isn't known, or can't be one. */
export function resourceLabel(kind: string, name: string | undefined, where: Where): string | undefined {
  const { namespace, scope } = where
  if (!name || !NAME.test(name)) return undefined
  if (kind === 'node') return labelOf('node', name, scope)
  if (kind === 'namespace') return labelOf('namespace', name, scope)
  if (kind === 'persistentvolume') return labelOf('infra', `pv/${name}`)
  if (isClusterWide(kind)) return labelOf('infra', `${kind}/${name}`)
  if (namespace === undefined || !NAME.test(namespace)) return undefined
  if (kind === 'persistentvolumeclaim') return namespaced('pvc', namespace, name, scope)
  if (SERVICES.has(kind)) return namespaced('service', namespace, name, scope)
  return namespaced('infra', namespace, `${kind}/${name}`)
}
