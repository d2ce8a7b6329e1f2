import type { FlagTable } from '../../support/index.ts'

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
  '--log-dir',
  '--log-file',
  '--log-file-max-size',
  '--log-backtrace-at',
  '--stderrthreshold',
  '--kuberc',
]

const OF_VERBS =
  `-f --filename|-k --kustomize|-l --selector|--field-selector|-o --output|--template|-p --patch|--patch-file
--type|-c --container|--containers|--image|-r --replicas|--current-replicas|--resource-version|--timeout|--grace-period
--field-manager|--overrides|--override-type|--port|--target-port|--name|--protocol|--min|--max|--cpu-percent|--cpu|--memory
--from-literal|--from-file|--from-env-file|--from|--to-revision|--revision|--schedule|-e --env|--labels|--restart
--image-pull-policy|--pod-running-timeout|--chunk-size|--raw|--subresource|--limits|--requests|--serviceaccount|--verb
--resource|--resource-name|--clusterrole|--role|--group|--docker-server|--docker-username|--docker-password
--docker-email|--cert|--key|--duration|--audience|--bound-object-kind|--bound-object-name|--bound-object-uid
--pod-selector|--skip-wait-for-delete-timeout|--class|--rule|--hard|--scopes|--value|--description|--preemption-policy
--min-available|--max-unavailable|--tcp|--external-name|--external-ip|--load-balancer-ip|--cluster-ip
--session-affinity|--target|--copy-to|--set-image|--custom|--prune-allowlist|--prune-whitelist|--sort-by|--since|--tail
--for|--aggregation-rule|--non-resource-url|--default-backend|--annotation|--annotations|--node-port|--retries
--applyset|--address|--keys|--prefix|--resources|--generator|--hostport|--schedule|--load-restrictor|--helm-command
--helm-kube-version|--helm-api-versions|--mount|--network-name|--types|--since-time|--limit-bytes|--max-log-requests`.split(
    /[|\n]/,
  )

const SWITCHES = ['-A --all-namespaces', '-R --recursive', '-i --stdin', '-t --tty', '-h --help']

/** The flags of all verbs together. A flag's meaning differs only for `run` and `expose`. */
export const FLAGS: FlagTable = { values: [...PLACES, ...OF_VERBS], switches: SWITCHES }

/** For `run` and `expose`, `-l` sets labels. */
export const LABEL_FLAGS: FlagTable = {
  values: [...PLACES, ...OF_VERBS.filter(flag => !/^(-l |--labels)/.test(flag)), '-l --labels', '--selector'],
  switches: SWITCHES,
}

/** The flags that say where a command acts. */
export const PLACE = {
  namespace: 'namespace',
  context: 'context',
  kubeconfig: 'kubeconfig',
  server: 'server',
  cluster: 'cluster',
}
