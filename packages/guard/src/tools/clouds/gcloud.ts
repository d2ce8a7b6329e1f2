import { type Flags, type FlagTable, hostLabel, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { changesOf, lastPart, unknownOf } from './options.ts'

const GLOBALS: FlagTable = {
  values: `--access-token-file|--account|--billing-project|--configuration|--flags-file|--flatten|--format
--impersonate-service-account|--project|--trace-token|--verbosity|--zone|--region|--location|--instance|--cluster|--command
--restore-instance|--ssh-flag|--ssh-key-file`.split(/[|\n]/),
  switches: ['-q --quiet', '-h --help'],
}

interface Group {
  readonly kind: 'host' | 'cluster' | 'db' | 'infra'
  /** The flag that names what is changed; else the words do so. */
  readonly flag: string
  readonly verbs: ReadonlySet<string>
}

/** Group of commands | kind | flag that names what is changed, or `-` for the words | verbs that change it. */
const GROUPS: ReadonlyMap<string, Group> = new Map(
  `
compute instances | host | - | add-access-config add-iam-policy-binding add-labels add-metadata add-resource-policies add-tags
  attach-disk delete delete-access-config detach-disk import move perform-maintenance remove-iam-policy-binding
  remove-labels remove-metadata remove-resource-policies remove-tags report-host-as-faulty reset resume
  send-diagnostic-interrupt set-disk-auto-delete set-iam-policy set-machine-type set-min-cpu-platform set-name
  set-scheduling set-scopes set-security-policy set-service-account simulate-maintenance-event start stop suspend update
  update-access-config update-container update-from-file
compute instances network-interfaces | host | - | add delete update
compute instances ops-agents policies | infra | - | delete update
compute instance-groups managed | infra | - | abandon-instances create-instance delete delete-instances recreate-instances
  resize resume-instances set-autoscaling set-instance-template set-named-ports set-target-pools start-instances
  stop-autoscaling stop-instances suspend-instances update update-autoscaling update-instances
compute instance-groups managed rolling-action | infra | - | replace restart start-update stop-proactive-update
compute disks | infra | - | add-iam-policy-binding add-labels add-resource-policies convert delete move
  remove-iam-policy-binding remove-labels remove-resource-policies resize set-iam-policy start-async-replication
  stop-async-replication update
container clusters | cluster | - | delete resize update upgrade
container node-pools | cluster | cluster | complete-upgrade create delete rollback update
sql instances | db | - | delete failover import patch promote-replica reencrypt reset-ssl-config restart restore-backup
  switchover
sql databases | db | - | create delete patch
sql import | db | - | bak csv sql tde
sql backups | db | restore-instance | restore
sql users | db | instance | create delete set-password
redis instances | db | - | delete failover import update upgrade
memcache instances | db | - | apply-parameters delete update upgrade
spanner instances | db | - | delete move update
spanner databases | db | - | change-quorum delete update
spanner databases ddl | db | - | update
bigtable instances | db | - | delete update upgrade
bigtable instances tables | db | - | delete update
bigtable clusters | db | instance | create delete update
alloydb clusters | db | - | delete import promote switchover update upgrade
alloydb instances | db | cluster | delete failover inject-fault restart update
firestore databases | db | database | delete update
filestore instances | infra | - | delete promote-replica restore revert update
dataproc clusters | cluster | - | delete start stop update
`
    .trim()
    .split(/\n(?! )/)
    .map(row => {
      const [group = '', kind, flag = '', verbs = ''] = row.split('|').map(cell => cell.trim())
      return [group, { kind: kind as Group['kind'], flag, verbs: new Set(verbs.split(/\s+/)) }] as const
    }),
)

/** Verbs that read, make something that nobody uses yet, or change the user's own files. */
const SILENT =
  /^(bulk|check|clone|create|describe|diagnose|execute|export|generate|get|help|list|os-inventory|restore|snapshot|tail|wait)(-|$)/
/** Flags without a value. All others take the next word. */
const SWITCH =
  /^--(no|enable|disable|clear|start|complete|skip|show|remove-all)-|^--(all(-instances)?|async|auto-delete|boot|dry-run|failover|force(-.*)?|guest-flush|internal-ip|log-http|master|plain|preemptible|quiet|recurse|require-ssl|spot|troubleshoot|tunnel-through-iap|uri|user-output-enabled|validate-only|version|version-target-reached|yes|deletion-protection|retain-backups-on-delete|simulate-maintenance-event|single-node|storage-auto-increase|assign-ip|discard-local-ssd|restart-on-failure|shielded-.*|set-password|delete-protection|parallel|clean|stable|strict-host-key-checking|update-instance|single-region)$/

/** The Google Cloud CLI, by its reference: what changes an instance, a cluster, a database or a disk. */
export const gcloud: Tool = { names: ['gcloud'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(withValues(call.args), GLOBALS)
  const words = /^(alpha|beta|preview)$/.test(flags.words[0]?.text ?? '') ? flags.words.slice(1) : flags.words
  if (words.length < 2 || flags.has('help', 'version')) return []
  const texts = words.map(word => word.text)
  if (texts[0] === 'compute' && texts[1] === 'ssh') return onMachine(call, flags, words[2])
  const size = [4, 3, 2].find(count => GROUPS.has(texts.slice(0, count).join(' ')))
  const group = size && GROUPS.get(texts.slice(0, size).join(' '))
  const verb = size === undefined ? undefined : words[size]
  if (!group || size === undefined || verb === undefined) return []
  if (verb.text === undefined) return unknownOf(call, words.slice(0, size))
  const path = words.slice(0, size + 1)
  if (!group.verbs.has(verb.text)) return SILENT.test(verb.text) ? [] : unknownOf(call, path)
  if (flags.has('validate-only', 'dry-run')) return []
  const { names, owner } = targetOf(group, texts, flags, words.slice(size + 1))
  return changesOf(call, path, names, name => labelIn(group, lastPart(name), owner))
}

/** The flags of hundreds of commands aren't listed: a flag takes the next word, unless it is known as a switch. */
function withValues(args: readonly Word[]): readonly Word[] {
  const made: Word[] = []
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as Word
    if (word.text === '--') return [...made, ...args.slice(at)]
    made.push(word)
    const { text } = word
    if (!text?.startsWith('--') || text.includes('=') || SWITCH.test(text) || isListed(text)) continue
    if (args[at + 1]?.text?.startsWith('--') !== true) at++
  }
  return made
}

const LISTED: ReadonlySet<string> = new Set([...(GLOBALS.values ?? []), '--help'])
const isListed = (flag: string) => LISTED.has(flag)

function targetOf(
  { kind, flag }: Group,
  texts: readonly (string | undefined)[],
  flags: Flags,
  words: readonly Word[],
): { names: readonly Word[]; owner?: string | undefined } {
  if (flag !== '-') return { names: flags.values(flag).slice(-1) }
  // Some commands take several names. Where only the first word is one, the second is a file or an address.
  if (texts[1] === 'import' || texts[1] === 'instances' || texts[1] === 'databases') {
    const isMany = texts[0] === 'compute'
    const owner = texts[1] === 'databases' ? flags.value('instance')?.text : undefined
    return { names: isMany ? words : words.slice(0, 1), owner }
  }
  return { names: kind === 'infra' && texts[3] === 'rolling-action' ? words.slice(0, 1) : words }
}

function labelIn({ kind }: Group, name: string | undefined, owner?: string): string | undefined {
  if (kind === 'host') return hostLabel(name)
  return kind === 'infra' ? name && labelOf('infra', `gcp/${name}`) : labelOf(kind, name, owner)
}

/** `gcloud compute ssh web-1 --command '…'` and `-- …` run a command on the machine. */
function onMachine(call: Call, flags: Flags, target: Word | undefined): readonly Found[] {
  const command = flags.value('command')
  const host = target?.text?.replace(/^.*@/, '').toLowerCase()
  const at = span(call.word, target, command, ...(flags.rest ?? []))
  if (command?.text !== undefined) return call.inner(command.text, { host, isRemote: true, at })
  return flags.rest?.length ? call.innerArgs(flags.rest, { host, isRemote: true, at }) : []
}
