import type { FlagTable } from '../support/index.ts'

const PLACES = [
  '-n --namespace',
  '--context',
  '--cluster',
  '--kubeconfig',
  '-s --server',
  '--user',
  '--username',
  '--password',
  '--token',
  '--as',
  '--as-group',
  '--as-uid',
  '--as-user-extra',
  '--cache-dir',
  '--certificate-authority',
  '--client-certificate',
  '--client-key',
  '--tls-server-name',
  '--request-timeout',
  '-v --v',
  '--vmodule',
  '--profile',
  '--profile-output',
  '--log-flush-frequency',
  '--kuberc',
]

const OF_VERBS =
  `-f --filename|-k --kustomize|-l --selector|--field-selector|-o --output|--template|-p --patch|--patch-file
--type|-c --container|--image|--replicas|--current-replicas|--resource-version|--timeout|--grace-period|--field-manager
--overrides|--override-type|--port|--target-port|--name|--protocol|--min|--max|--cpu-percent|--cpu|--memory|--from-literal
--from-file|--from-env-file|--from|--to-revision|--revision|--schedule|-e --env|--labels|--restart|--image-pull-policy
--pod-running-timeout|--chunk-size|--raw|--subresource|--limits|--requests|--serviceaccount|--verb|--resource|--resource-name
--clusterrole|--role|--group|--docker-server|--docker-username|--docker-password|--docker-email|--cert|--key|--duration
--audience|--bound-object-kind|--bound-object-name|--bound-object-uid|--pod-selector|--skip-wait-for-delete-timeout
--class|--rule|--hard|--scopes|--value|--description|--preemption-policy|--min-available|--max-unavailable|--tcp
--external-name|--external-ip|--load-balancer-ip|--cluster-ip|--session-affinity|--target|--copy-to|--set-image|--custom
--prune-allowlist|--prune-whitelist|--sort-by|--since|--tail|--for|--aggregation-rule|--non-resource-url|--append-hash
--default-backend|--annotation|--node-port|--retries|--applyset|--address|--keys|--prefix|--resources`.split(
    /[|\n]/,
  )

const SWITCHES = ['-A --all-namespaces', '-R --recursive', '-i --stdin', '-t --tty', '-h --help']

/** The flags of all verbs together. A flag's meaning differs only for `run`. */
export const FLAGS: FlagTable = { values: [...PLACES, ...OF_VERBS], switches: SWITCHES }

/** For `run`, `-l` sets labels. */
export const RUN_FLAGS: FlagTable = {
  values: [
    ...PLACES,
    ...OF_VERBS.filter(flag => !/^(-l |--labels|-f )/.test(flag)),
    '-l --labels',
    '--filename',
  ],
  switches: SWITCHES,
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Verbs that only read from the cluster. Plugins that many people use are among them. */
export const READING = words(`
  api-resources api-versions attach cluster-info convert describe diff events explain get kustomize logs port-forward proxy
  top version wait access-matrix df-pv get-all lineage stern tail tree view-secret who-can whoami status`)

/** Verbs that change only files or settings of this machine. */
export const LOCAL = words(`
  completion config ctx help images konfig krew kuberc login logout neat ns options plugin project projects`)

/** Verbs that take the resources they change as words. */
export const TAKES_RESOURCES = words('annotate autoscale delete edit label patch replace scale taint')

interface Created {
  readonly kind: string
  /** Whether a subtype stands before the name, as in `create secret generic NAME`. */
  readonly hasSubtype?: boolean
}

/** What `kubectl create` makes, by the word after it. */
export const CREATED: Readonly<Record<string, Created>> = {
  clusterrole: { kind: 'clusterrole' },
  clusterrolebinding: { kind: 'clusterrolebinding' },
  cm: { kind: 'configmap' },
  configmap: { kind: 'configmap' },
  cronjob: { kind: 'cronjob' },
  cj: { kind: 'cronjob' },
  deploy: { kind: 'deployment' },
  deployment: { kind: 'deployment' },
  ing: { kind: 'ingress' },
  ingress: { kind: 'ingress' },
  job: { kind: 'job' },
  namespace: { kind: 'namespace' },
  ns: { kind: 'namespace' },
  pc: { kind: 'priorityclass' },
  pdb: { kind: 'poddisruptionbudget' },
  poddisruptionbudget: { kind: 'poddisruptionbudget' },
  priorityclass: { kind: 'priorityclass' },
  quota: { kind: 'resourcequota' },
  resourcequota: { kind: 'resourcequota' },
  role: { kind: 'role' },
  rolebinding: { kind: 'rolebinding' },
  sa: { kind: 'serviceaccount' },
  secret: { kind: 'secret', hasSubtype: true },
  service: { kind: 'service', hasSubtype: true },
  serviceaccount: { kind: 'serviceaccount' },
  svc: { kind: 'service', hasSubtype: true },
}
