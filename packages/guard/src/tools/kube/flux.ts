import { type FlagTable, labelOf, namespaced, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { type Cluster, clusterOf } from './cluster.ts'
import { found, isFalse, type Target, UNKNOWN } from './targets.ts'

const FLAGS: FlagTable = {
  values:
    `-n --namespace|--context|--cluster|--kubeconfig|--server|--token|--user|--as|--as-group|--as-uid|--cache-dir
--certificate-authority|--client-certificate|--client-key|--kube-api-burst|--kube-api-qps|--timeout|--tls-server-name
--source|--path|--url|--branch|--tag|--interval|--chart|--chart-version|--values|--target-namespace|--release-name
--depends-on|--health-check|--decryption-provider|--decryption-secret|--service-account|--secret-ref|--username|--password
--private-key-file|--provider|--type|--event-severity|--event-source|--address|--label|--components|--components-extra
--network-policy|--registry|--version|--image-pull-secret|--owner|--repository|--hostname|--personal|--team|--wait-timeout
-f --file|--manifests|--kind|--semver|--image|--kustomization-file`.split(/[|\n]/),
  switches: ['-h --help', '-s --silent', '-A --all-namespaces'],
}
const PLACE = { namespace: 'namespace', context: 'context', kubeconfig: 'kubeconfig', server: 'server' }
/** Flux's own namespace, where its objects are unless a flag says another. */
const NAMESPACE = 'flux-system'
const OF_OBJECTS: ReadonlySet<string> = new Set(['reconcile', 'suspend', 'resume', 'delete', 'create'])
const OF_CLUSTERS: ReadonlySet<string> = new Set(['install', 'uninstall', 'bootstrap', 'migrate'])
const GROUPS: ReadonlySet<string> = new Set(['source', 'image', 'secret'])

/** Flux's command, by its reference of version 2.6. Its objects are claimed as services. */
export const flux: Tool = { names: ['flux'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, ...words] = flags.words
  if (verb?.text === undefined || flags.has('help', 'h')) return []
  const dries = ['export', 'dry-run'].some(name => flags.has(name) && !isFalse(flags, name))
  if (dries) return []
  const given = clusterOf(call, flags, PLACE)
  const cluster = flags.has('namespace') ? given : { ...given, namespace: NAMESPACE }
  if (OF_CLUSTERS.has(verb.text)) {
    const label = labelOf('namespace', cluster.namespace, cluster.scope)
    return found(call, verb.text, [label ? { label, target: 'all' } : UNKNOWN], cluster, [verb])
  }
  if (OF_OBJECTS.has(verb.text)) return ofObject(call, verb, words, flags.has('all'), cluster)
  if (verb.text === 'push' || verb.text === 'tag') {
    const at = span(call.word, verb, words[0])
    return [{ label: undefined, verb: verb.text, effect: 'changes', target: 'unknown', words: at }]
  }
  return []
}

/** `reconcile kustomization apps`, `suspend source git infra`. */
function ofObject(
  call: Call,
  verb: Word,
  words: readonly Word[],
  all: boolean,
  cluster: Cluster,
): readonly Found[] {
  const group = words[0]?.text ?? ''
  const names = words.slice(GROUPS.has(group) ? 2 : 1)
  const wholesale = (): Target => {
    const label = labelOf('namespace', cluster.namespace, cluster.scope)
    return label ? { label, target: 'all' } : UNKNOWN
  }
  const targets = names.map((at): Target => {
    const label = namespaced('service', cluster.namespace, at.text, cluster.scope)
    return label === undefined ? { ...UNKNOWN, at } : { label, target: 'exact', at }
  })
  return found(
    call,
    verb.text as string,
    targets.length > 0 ? targets : [all ? wholesale() : UNKNOWN],
    cluster,
    [verb],
  )
}
