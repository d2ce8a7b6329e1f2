import { hostLabel, labelOf } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { changesOf, lastPart, type Options, type OptionTable, optionsOf, unknownOf } from './options.ts'

const OPTIONS: OptionTable = {
  globals: new Set(
    `ca-bundle cli-binary-format cli-connect-timeout cli-read-timeout color endpoint-url output profile query
     region`.split(/\s+/),
  ),
  depth: 3,
}

type Kind = 'host' | 'db' | 'cluster' | 'infra'

interface Service {
  /** Options that name what is changed, in the order in which they count. */
  readonly named: Readonly<Record<string, Kind>>
  /** Operations that change such a thing also if no option names it, as with `--cli-input-json`. */
  readonly about: RegExp
}

const DATABASES: Service = {
  named: {
    'db-instance-identifier': 'db',
    'db-cluster-identifier': 'db',
    'global-cluster-identifier': 'db',
    'resource-identifier': 'db',
  },
  about: /-(db-instance|db-cluster|global-cluster)$/,
}

/** The services with instances, clusters, databases and volumes. Other services are silent. */
const SERVICES: Readonly<Record<string, Service>> = {
  ec2: {
    named: {
      'volume-id': 'infra',
      'instance-ids': 'host',
      'instance-id': 'host',
      resources: 'infra',
    },
    about: /-(instances|volume)$|^(modify|reset)-(instance|volume)-attribute$/,
  },
  rds: DATABASES,
  docdb: DATABASES,
  neptune: DATABASES,
  eks: { named: { 'cluster-name': 'cluster', name: 'cluster' }, about: /-(cluster|nodegroup|addon)$/ },
  ecs: { named: {}, about: /-cluster$/ },
  elasticache: {
    named: { 'cache-cluster-id': 'db', 'replication-group-id': 'db', 'serverless-cache-name': 'db' },
    about: /-(cache-cluster|replication-group|serverless-cache)$/,
  },
  memorydb: { named: { 'cluster-name': 'db' }, about: /-cluster$/ },
  redshift: { named: { 'cluster-identifier': 'db' }, about: /-cluster$/ },
  dynamodb: { named: { 'table-name': 'db' }, about: /-table$/ },
  opensearch: { named: { 'domain-name': 'db' }, about: /-domain$/ },
  emr: {
    named: { 'cluster-ids': 'cluster', 'cluster-id': 'cluster' },
    about: /-clusters?$/,
  },
  autoscaling: {
    named: { 'instance-id': 'host', 'auto-scaling-group-name': 'infra' },
    about: /-auto-scaling-group$/,
  },
  lightsail: {
    named: { 'disk-name': 'infra', 'instance-name': 'host', 'relational-database-name': 'db' },
    about: /-(instance|disk|relational-database)$/,
  },
}

/** ECS names its cluster by this option, also where a service or a task is changed. */
const CLUSTERS = /^(delete|update)-cluster(-settings)?$|^put-cluster-capacity-providers$/

const READING =
  /^(batch-get|check|describe|download|estimate|filter|generate|get|help|is|list|lookup|preview|query|scan|search|select|ssh|socks|test-migration|tail|transact-get|validate|view|wait)(-|$)/
/** They make something that nobody uses yet, or write the user's own files. */
const MAKING =
  /^(allocate|copy|create|export|import|purchase|register|request|restore|run|update-kubeconfig)(-|$)/
const CHANGING =
  /^(add|apply|associate|attach|authorize|backtrack|batch|bundle|cancel|complete|decrease|delete|deregister|detach|disable|disassociate|enable|enter|exit|failover|increase|modify|monitor|move|pause|promote|put|reboot|release|remove|replace|reset|resize|resume|revoke|rollback|rotate|send|set|start|stop|suspend|switchover|terminate|test-failover|unmonitor|update|upgrade)(-|$)/

/** The AWS CLI, by its command reference: what changes an instance, a cluster, a database or a volume. */
export const aws: Tool = { names: ['aws'], effects }

function effects(call: Call): readonly Found[] {
  const options = optionsOf(call.args, OPTIONS)
  const [service, operation, third] = options.path
  if (service?.text === undefined || operation === undefined) return []
  const known = Object.hasOwn(SERVICES, service.text) ? SERVICES[service.text] : undefined
  if (!known || third?.text === 'help') return []
  if (operation.text === undefined) return unknownOf(call, [service])
  const name = operation.text
  if (READING.test(name) || isRehearsal(call.args) || options.has('generate-cli-skeleton', 'help', 'version'))
    return []
  const verb = [service, operation]
  const target = targetOf(service.text, name, known, options)
  if (MAKING.test(name) && !changesToo(service.text, name, options)) return []
  if (!CHANGING.test(name) && !MAKING.test(name)) return unknownOf(call, verb)
  if (!target)
    return known.about.test(name) ? changesOf(call, verb, undefined, lastPart) : unknownOf(call, verb)
  return changesOf(call, verb, listed(target.values), id => labelOfId(target.kind, id))
}

/** Of `--dry-run` and `--no-dry-run` the last one counts. */
function isRehearsal(args: readonly Word[]): boolean {
  return args.findLast(word => /^--(no-)?dry-run$/.test(word.text ?? ''))?.text === '--dry-run'
}

/** What is made in a cluster changes the cluster, and `create-image` reboots its instance. */
function changesToo(service: string, operation: string, options: Options): boolean {
  if (service === 'eks') return options.has('cluster-name')
  if (service !== 'ec2') return false
  return operation === 'create-tags' || (operation === 'create-image' && !options.has('no-reboot'))
}

function targetOf(service: string, operation: string, { named }: Service, options: Options) {
  if (service === 'ecs')
    return CLUSTERS.test(operation)
      ? { kind: 'cluster' as const, values: options.values('cluster', 'name') }
      : undefined
  for (const [name, kind] of Object.entries(named)) {
    const values = options.values(name)
    if (values) return { kind, values }
  }
  return undefined
}

/** Lists are also written as JSON: `'["i-1", "i-2"]'`. Values of files aren't read. */
function listed(values: readonly Word[] | undefined): readonly Word[] | undefined {
  return values?.flatMap(word => {
    if (/^(fileb?|https?):\/\//.test(word.text ?? '')) return [{ ...word, text: undefined }]
    if (!word.text?.startsWith('[')) return [word]
    return [...word.text.matchAll(/"([^"]*)"/g)].map(([, text]) => ({ ...word, text }))
  })
}

function labelOfId(kind: Kind, id: string): string | undefined {
  if (kind === 'host' || /^i-[0-9a-z]+$/.test(id)) return hostLabel(id)
  const name = id.startsWith('arn:') ? lastPart(id) : id
  return kind === 'infra' ? name && labelOf('infra', `aws/${name}`) : labelOf(kind, name)
}
