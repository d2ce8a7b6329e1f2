import { type Flags, type FlagTable, labelOf, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { type Cluster, clusterOf } from './cluster.ts'
import { resourceLabel } from './kinds.ts'
import { found, isOn, plain, targetOf, UNKNOWN, wholesale } from './targets.ts'

const FLAGS: FlagTable = {
  values:
    `-n --namespace|--context|--cluster|--kubeconfig|--server|--token|--user|--as|--as-group|--as-uid|--cache-dir
--certificate-authority|--client-certificate|--client-key|--kube-api-burst|--kube-api-qps|--timeout|--tls-server-name
--source|--path|--url|--branch|--tag|--tag-semver|--commit|--ref-name|--interval|--chart|--chart-version|--chart-ref|--chart-interval
--values|--values-from|--target-namespace|--create-target-namespace|--storage-namespace|--release-name|--crds|--depends-on
--health-check|--health-check-timeout|--decryption-provider|--decryption-secret|--service-account|--secret-ref
--cert-secret-ref|--proxy-secret-ref|--username|--password|--private-key-file|--ssh-key-algorithm|--ssh-ecdsa-curve
--ssh-rsa-bits|--ssh-hostname|--provider|--type|--event|--event-severity|--event-source|--resource|--address|--label
--components|--components-extra|--network-policy|--registry|--registry-creds|--version|--image-pull-secret|--owner|--repository
--hostname|--personal|--team|--wait-timeout|-f --file|--manifests|--kind|--semver|--image|--image-ref|--kustomization-file
--author-name|--author-email|--commit-message-appendix|--gpg-key-id|--gpg-key-ring|--gpg-passphrase|--ca-file|--ca-crt-file
--tls-crt-file|--tls-key-file|--cert-file|--key-file|--app-id|--app-installation-id|--app-private-key|--app-base-url
--git-repo-ref|--git-repo-path|--checkout-branch|--push-branch|--author-template|--filter-regex|--filter-extract|--select-alpha
--select-numeric|--select-semver|--reflect-digest|--bucket-name|--endpoint|--region|--access-key|--secret-key|--prefix
--with-namespace|--cluster-role|--log-level|--toleration-keys|--cluster-domain|--watch-all-namespaces|--retry-interval
--kubeconfig-secret-ref|--reconcile-strategy|--ignore-paths|--include|--verify-subject|--verify-issuer
--verify-secret-ref|--verify-provider|--controller-manager|--revision|-o --output|--creds|-a --annotations
--namespace-label`.split(/[|\n]/),
  switches: ['-h --help', '-s --silent', '-A --all-namespaces'],
}
const PLACE = {
  namespace: 'namespace',
  context: 'context',
  kubeconfig: 'kubeconfig',
  server: 'server',
  cluster: 'cluster',
  variables: { namespace: 'FLUX_SYSTEM_NAMESPACE' },
}
/** Flux's own namespace, where its objects are unless a flag says another. */
const NAMESPACE = 'flux-system'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const OF_OBJECTS = words('reconcile suspend resume delete create')
const OF_CLUSTERS = words('install uninstall bootstrap migrate')
const READING = words(
  'build check completion debug diff docs envsubst events export get help list logs pull stats trace tree version',
)
/** A type of two words: `source git`, `image policy`, `secret tls`. */
const GROUPS = words('source image secret')

/** Flux's command, by its reference of version 2.6. Its objects are claimed as services. */
export const flux: Tool = { names: ['flux'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, ...more] = flags.words
  if (verb === undefined || flags.has('help', 'h')) return []
  const name = verb.text ?? 'unknown'
  if (READING.has(name)) return [plain(call, name, 'reads', verb)]
  if (['export', 'dry-run'].some(each => isOn(flags, each))) return []
  if (OF_CLUSTERS.has(name)) {
    const cluster = placeOf(call, flags)
    return found(call, name, wholesale([], cluster, false), cluster, [verb])
  }
  if (OF_OBJECTS.has(name)) return ofObject(call, verb, more, flags)
  // An artifact in a registry, which others share. It has no label.
  if (name === 'push' || name === 'tag')
    return found(call, name, [UNKNOWN], { note: undefined }, [verb, more[0]])
  return [plain(call, name, 'unknown', verb)]
}

/** Flux ignores the namespace of the context. */
function placeOf(call: Call, flags: Flags): Cluster {
  const cluster = clusterOf(call, flags, PLACE)
  const isGiven = flags.value('namespace')?.text !== '' && flags.has('namespace')
  const isSet = call.unknownEnv.has('FLUX_SYSTEM_NAMESPACE') || call.env['FLUX_SYSTEM_NAMESPACE']
  return isGiven || isSet ? cluster : { ...cluster, namespace: NAMESPACE }
}

/** `reconcile kustomization apps`, `suspend source git infra`, `create secret tls cert`. */
function ofObject(call: Call, verb: Word, more: readonly Word[], flags: Flags): readonly Found[] {
  const cluster = placeOf(call, flags)
  const group = more[0]?.text ?? ''
  const names = more.slice(GROUPS.has(group) ? 2 : 1)
  const kind = group === 'secret' ? 'secret' : 'kustomization'
  const targets =
    group === 'tenant'
      ? flags.values('with-namespace').map(at => targetOf(labelOf('namespace', at.text, cluster.scope), at))
      : names.map(at => targetOf(resourceLabel(kind, at.text, cluster), at))
  const others = isOn(flags, 'all') ? wholesale([], cluster, false) : [UNKNOWN]
  return found(call, verb.text as string, targets.length > 0 ? targets : others, cluster, [verb])
}
