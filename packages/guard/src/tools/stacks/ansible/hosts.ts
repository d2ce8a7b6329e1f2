import { type Flags, hostLabel, labelOf } from '../../support/index.ts'
import type { Call, Found } from '../../tool.ts'
import type { Groups } from './groups.ts'
import { inventoryOf } from './inventory.ts'
import { hostsIn, patternsIn } from './pattern.ts'

/** Flags of all of Ansible's commands. */
export const FLAGS = {
  values:
    `-i --inventory|--inventory-file|-l --limit|-e --extra-vars|-u --user|-f --forks|-T --timeout|-c --connection
-M --module-path|--become-user|--become-method|--private-key|--key-file|--ssh-common-args|--sftp-extra-args|--scp-extra-args
--ssh-extra-args|--vault-id|--vault-password-file|--vault-pass-file|--become-password-file|--become-pass-file
--connection-password-file|--conn-pass-file|--task-timeout|--playbook-dir|--skip-tags`.split(/[|\n]/),
  switches: ['-C --check', '-h --help', '-b --become', '-D --diff', '-K --ask-become-pass', '-k --ask-pass'],
}
/** With them a command only reads. */
export const READS = ['check', 'list-hosts', 'list-tasks', 'list-tags', 'syntax-check', 'help', 'version']
/** More hosts are one unknown target. */
const TARGETS_MAX = 64

/** The machines of a pattern: a name, or undefined for one that isn't known. */
export type Machines = (pattern: string | undefined) => readonly (string | undefined)[] | undefined

/** Finds the machines of patterns, within `--limit`. The inventory is read once, when it is needed. */
export function machinesIn(call: Call, flags: Flags): Machines {
  let read: { readonly groups: Groups | undefined } | undefined
  const known = new Map<string, ReturnType<Machines>>()
  const groups = () => {
    read ??= { groups: inventoryOf(call, [...flags.values('inventory'), ...flags.values('inventory-file')]) }
    return read.groups
  }
  const limit = flags.value('limit')
  let within: { readonly hosts: ReadonlySet<string> | undefined } | undefined
  return pattern => {
    if (flags.value('connection')?.text === 'local') return [call.host]
    if (pattern === undefined || call.budget.isOver()) return undefined
    if (!known.has(pattern)) {
      const hosts = hostsIn(patternsIn(pattern), groups())
      if (limit) within ??= { hosts: limited(call, limit.text, groups()) }
      const wanted = within?.hosts
      const left = limit ? wanted && hosts?.filter(host => wanted.has(host)) : hosts
      known.set(
        pattern,
        left && left.length <= TARGETS_MAX ? left.map(host => nameOf(call, host, groups())) : undefined,
      )
    }
    return known.get(pattern)
  }
}

/** The hosts of `--limit web,@failed.retry`. */
function limited(
  call: Call,
  limit: string | undefined,
  groups: Groups | undefined,
): ReadonlySet<string> | undefined {
  if (limit === undefined) return undefined
  const patterns = patternsIn(limit).map(part => (part.startsWith('@') ? call.read(part.slice(1)) : part))
  if (patterns.some(part => part === undefined)) return undefined
  const hosts = hostsIn(
    patterns.flatMap(part => (part?.includes('\n') ? part.split('\n').flatMap(patternsIn) : (part ?? []))),
    groups,
  )
  return hosts && new Set(hosts)
}

function nameOf({ host: here }: Call, host: string, groups: Groups | undefined): string | undefined {
  return /^(localhost|127\.0\.0\.1|::1)$/.test(host) || groups?.isHere(host) ? here : host.toLowerCase()
}

/** A change of each machine, or of a service on each of them. */
export function changesOn(
  machines: readonly (string | undefined)[] | undefined,
  verb: string,
  words: readonly [number, number],
  service?: string,
): readonly Found[] {
  if (machines === undefined) return [{ label: undefined, verb, effect: 'changes', target: 'unknown', words }]
  return machines.map(name => {
    const label = service ? labelOf('service', service, name) : hostLabel(name)
    return { label, verb, effect: 'changes', target: label ? 'exact' : 'unknown', words }
  })
}
