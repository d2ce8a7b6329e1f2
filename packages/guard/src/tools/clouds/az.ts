import { hostLabel, labelOf, lineOf, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { changesOf, lastPart, type Options, type OptionTable, optionsOf, unknownOf } from './options.ts'

const OPTIONS: OptionTable = {
  globals: new Set(['output', 'query', 'subscription']),
  letters: { d: 'database-name', g: 'resource-group', h: 'help', n: 'name', o: 'output', s: 'server-name' },
  depth: 6,
}

interface Group {
  readonly kind: 'host' | 'cluster' | 'db' | 'infra'
  /** The options that name what is changed; `--ids` does so everywhere. */
  readonly names: readonly string[]
  readonly verbs: ReadonlySet<string>
}

/** Group of commands | kind | options that name what is changed | verbs that change it. */
const GROUPS: ReadonlyMap<string, Group> = new Map(
  `
vm | host | name | capture convert deallocate delete generalize install-patches migrate-to-vmss open-port
  perform-maintenance reapply redeploy reimage resize restart simulate-eviction start stop update auto-shutdown
vm application | host | name | set
vm boot-diagnostics | host | name | disable enable
vm diagnostics | host | vm-name | set
vm disk | host | vm-name | attach detach
vm unmanaged-disk | host | vm-name | attach detach
vm encryption | host | name | disable enable
vm extension | host | vm-name | delete set
vm identity | host | name | assign remove
vm nic | host | vm-name | add remove set
vm run-command | host | vm-name name | create delete invoke update
vm secret | host | name | add remove
vm user | host | name | delete reset-ssh update
vmss | infra | name | deallocate delete delete-instances perform-maintenance reimage restart scale
  set-orchestration-service-state simulate-eviction start stop update update-domain-walk update-instances
vmss extension | infra | vmss-name | delete set upgrade
vmss disk | infra | vmss-name | attach detach
vmss rolling-upgrade | infra | name | cancel start
vmss run-command | infra | vmss-name name | create delete invoke update
disk | infra | name disk-name | delete update
aks | cluster | name | delete disable-addons enable-addons operation-abort rotate-certs scale start stop
  update update-credentials upgrade
aks approuting | cluster | name | disable enable update
aks command | cluster | name | invoke
aks maintenanceconfiguration | cluster | cluster-name | add delete update
aks mesh | cluster | name | disable disable-egress-gateway disable-ingress-gateway enable enable-egress-gateway
  enable-ingress-gateway
aks mesh upgrade | cluster | name | complete rollback start
aks namespace | cluster | cluster-name | add delete update
aks nodepool | cluster | cluster-name | add delete delete-machines operation-abort rollback scale start stop update
  upgrade
aks oidc-issuer | cluster | name | rotate-signing-keys
postgres flexible-server | db | name | delete migrate-network restart start stop update upgrade
postgres flexible-server db | db | database-name | create delete
postgres flexible-server parameter | db | server-name | set
postgres flexible-server replica | db | name | promote
mysql flexible-server | db | name | delete detach-vnet restart start stop update upgrade
mysql flexible-server db | db | database-name | create delete
mysql flexible-server gtid | db | server-name | reset
mysql flexible-server parameter | db | server-name | set set-batch
mysql flexible-server replica | db | name | stop-replication
mysql server | db | name | delete restart start stop update upgrade
mysql server configuration | db | server-name | set
mysql db | db | name | create delete
postgres server | db | name | delete restart update
postgres db | db | name | create delete
mariadb server | db | name | delete restart start stop update
mariadb db | db | name | create delete
sql server | db | name | delete update
sql db | db | name | delete import rename update
sql db replica | db | name | delete-link set-primary
sql db tde | db | database-name | set
sql dw | db | name | delete pause resume update
sql elastic-pool | db | name | delete update
sql mi | db | name | delete failover start stop update
sql midb | db | name | delete restore update
cosmosdb | db | name | delete failover-priority-change offline-region update
cosmosdb sql database | db | name | delete
cosmosdb mongodb database | db | name | delete
redis | db | name | delete flush force-reboot import import-method update
redis patch-schedule | db | name | create delete update
`
    .trim()
    .split(/\n(?! )/)
    .map(row => {
      const [group = '', kind, names = '', verbs = ''] = row.split('|').map(cell => cell.trim())
      return [
        group,
        { kind: kind as Group['kind'], names: names.split(' '), verbs: new Set(verbs.split(/\s+/)) },
      ] as const
    }),
)

/** Verbs that read, make something that nobody uses yet, or change the user's own files. */
const SILENT =
  /^(accept|assess|browse|build|check|connect|copy|create|download|execute|exists|export|format|geo-restore|georestore|get|help|install|list|result|restore|show|ssh|use-dev-spaces|remove-dev-spaces|validate|wait)(-|$)/

/** The Azure CLI, by its reference: what changes an instance, a cluster, a database or a disk. */
export const az: Tool = { names: ['az'], effects }

function effects(call: Call): readonly Found[] {
  const options = optionsOf(call.args, OPTIONS)
  const { path } = options
  if (path.length < 2 || options.has('help', 'version')) return []
  const texts = path.map(word => word.text)
  if (texts.join(' ') === 'group delete')
    return changesOf(call, path, options.values('name'), name => labelOf('infra', `azure/${name}`)).map(
      each => ({ ...each, target: each.label ? 'all' : each.target }),
    )
  const group = GROUPS.get(texts.slice(0, -1).join(' '))
  const verb = texts.at(-1)
  if (!group) return []
  if (verb === undefined) return unknownOf(call, path.slice(0, -1))
  if (!group.verbs.has(verb)) return SILENT.test(verb) || isGroup(texts) ? [] : unknownOf(call, path)
  const ids = options.values('ids')
  const names = ids ?? options.values(...group.names)
  const command = commandIn(texts, options)
  if (command) return followed(call, group, ids ? undefined : names?.[0], command, path)
  const server = ids ? undefined : options.values('server-name', 'server')?.[0]
  return changesOf(call, path, names, name => labelIn(group, texts, name, server))
}

/** True for a group of commands without a command, of which the tool prints the help. */
const isGroup = (texts: readonly (string | undefined)[]) => GROUPS.has(texts.join(' '))

/** The name alone, or the name in an address such as `/subscriptions/…/virtualMachines/web-1/extensions/x`. */
function labelIn(
  { kind }: Group,
  texts: readonly (string | undefined)[],
  text: string,
  server: Word | undefined,
): string | undefined {
  const found =
    /\/(?:virtualMachines|virtualMachineScaleSets|managedClusters|disks|servers|flexibleServers)\/([^/]+)/i
  const owner = text.startsWith('/') ? found.exec(text)?.[1] : undefined
  const inside = /\/databases\/([^/]+)/i.exec(text)?.[1]
  const name = owner && !inside ? owner : (inside ?? lastPart(text))
  if (kind === 'host') return hostLabel(name)
  if (kind === 'infra') return name && labelOf('infra', `azure/${name}`)
  if (kind === 'cluster') return labelOf('cluster', name)
  const isServers = texts.at(-2) === 'parameter' || texts.at(-2) === 'configuration'
  return labelOf('db', name, inside ? owner : isServers ? undefined : server?.text)
}

/** The command that runs inside of the machine or the cluster. */
function commandIn(texts: readonly (string | undefined)[], options: Options): readonly Word[] | undefined {
  if (texts.at(-1) !== 'invoke') return undefined
  const command = texts[0] === 'aks' ? options.values('command') : options.values('scripts')
  const isUnread = command?.some(word => word.text === undefined || word.text.startsWith('@'))
  return command?.length && !isUnread ? command : undefined
}

function followed(
  call: Call,
  { kind }: Group,
  name: Word | undefined,
  command: readonly Word[],
  path: readonly Word[],
): readonly Found[] {
  const at = span(call.word, ...path, ...command)
  const host = kind === 'host' ? name?.text?.toLowerCase() : undefined
  return command.flatMap(word => call.inner(lineOf([word]), { host, isRemote: true, at }))
}
