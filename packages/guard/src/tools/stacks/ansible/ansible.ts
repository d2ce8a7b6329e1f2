import { isMap, listAt, readYaml, textAt, type Yaml } from '../../../yaml/index.ts'
import { type Flags, hostLabel, labelOf, lineChangesInside, parseFlags, span } from '../../support/index.ts'
import type { Call, Found, Tool, Word } from '../../tool.ts'
import { inventoryOf } from './inventory.ts'
import { hostsIn } from './pattern.ts'

const FLAGS = {
  values:
    `-i --inventory|--inventory-file|-m --module-name|-a --args|-l --limit|-e --extra-vars|-u --user|-f --forks
-T --timeout|-t --tree|-c --connection|-M --module-path|--become-user|--become-method|--private-key|--key-file|--ssh-common-args
--sftp-extra-args|--scp-extra-args|--ssh-extra-args|--vault-id|--vault-password-file|--become-password-file
--connection-password-file|--playbook-dir|-B --background|-P --poll|--task-timeout|--tags|--skip-tags|--start-at-task`.split(
      /[|\n]/,
    ),
  switches: ['-C --check', '-h --help', '-b --become', '-D --diff'],
}
/** For ansible-playbook, `-t` names tags. */
const PLAYBOOK = {
  ...FLAGS,
  values: [...FLAGS.values.filter(flag => !/--tree|--tags$/.test(flag)), '-t --tags', '--skip-tags'],
}
const READS = ['check', 'list-hosts', 'list-tasks', 'list-tags', 'syntax-check', 'help', 'version']
/** Modules that change nothing. So do those whose names end in `_info` or `_facts`. */
const READING =
  /^(assert|debug|fail|fetch|find|gather_facts|getent|include_vars|meta|pause|ping|set_fact|setup|slurp|stat|wait_for|wait_for_connection|win_ping|.*_info|.*_facts)$/
const COMMANDS: ReadonlySet<string> = new Set([
  'command',
  'shell',
  'raw',
  'win_command',
  'win_shell',
  'expect',
])
const SERVICES: ReadonlySet<string> = new Set([
  'service',
  'systemd',
  'systemd_service',
  'sysvinit',
  'win_service',
])
/** More hosts are one unknown target. */
const TARGETS_MAX = 64

/** Ansible's commands for one task, by its manual of version 2.19. */
export const ansible: Tool = { names: ['ansible'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [pattern] = flags.words
  if (pattern === undefined || flags.has(...READS)) return []
  const module = (flags.has('module-name') ? flags.value('module-name')?.text : 'command')?.split('.').at(-1)
  const args = flags.value('args')
  if (module !== undefined && READING.test(module)) return []
  const hosts = limited(call, flags, pattern.text)
  const at = span(call.word, pattern, args)
  if (module !== undefined && COMMANDS.has(module)) return commanded(call, hosts, args, module, at)
  return onHosts(call, hosts, module ?? 'unknown', at, serviceIn(module, args))
}

/** The command runs on each host. What it does there is found by its own tool. */
function commanded(
  call: Call,
  hosts: readonly string[] | undefined,
  args: Word | undefined,
  module: string,
  at: readonly [number, number],
): readonly Found[] {
  if (args === undefined) return []
  if (args.text === undefined) return onHosts(call, hosts, module, at)
  if (lineChangesInside(args.text)) return onHosts(call, hosts, module, at)
  const line = args.text
  return (hosts ?? [undefined]).flatMap(host =>
    call.inner(line, { host: nameOf(call, host), isRemote: true, at }),
  )
}

/** The name of the service that a module such as `service` is about. */
function serviceIn(module: string | undefined, args: Word | undefined): string | undefined {
  if (module === undefined || !SERVICES.has(module)) return undefined
  return /(?:^|\s)name=["']?([\w.@-]+)/.exec(args?.text ?? '')?.[1]?.replace(/\.service$/, '')
}

function onHosts(
  call: Call,
  hosts: readonly string[] | undefined,
  verb: string,
  words: readonly [number, number],
  service?: string,
): readonly Found[] {
  if (hosts === undefined || hosts.length > TARGETS_MAX)
    return [{ label: undefined, verb, effect: 'changes', target: 'unknown', words }]
  return hosts.map(host => {
    const name = nameOf(call, host)
    const label = service ? labelOf('service', service, name) : hostLabel(name)
    return { label, verb, effect: 'changes', target: label ? 'exact' : 'unknown', words }
  })
}

const nameOf = ({ host: here }: Call, host: string | undefined) =>
  host === 'localhost' || host === '127.0.0.1' ? here : host?.toLowerCase()

/** The hosts of a pattern, within `--limit`. */
function limited(call: Call, flags: Flags, pattern: string | undefined): readonly string[] | undefined {
  if (pattern === undefined) return undefined
  const inventory = inventoryOf(call, [...flags.values('inventory'), ...flags.values('inventory-file')])
  const hosts = hostsIn(pattern, inventory)
  const limit = flags.value('limit')
  if (!limit) return hosts
  const listed = limit.text?.startsWith('@')
    ? call.read(limit.text.slice(1))?.trim().split(/\s+/).join(',')
    : limit.text
  const narrow = listed === undefined ? undefined : hostsIn(listed, inventory)
  return hosts && narrow && hosts.filter(host => narrow.includes(host))
}

/** ansible-playbook: the hosts of every play in the playbooks. */
export const ansiblePlaybook: Tool = {
  names: ['ansible-playbook'],
  effects: call => {
    const flags = parseFlags(call.args, PLAYBOOK)
    if (flags.words.length === 0 || flags.has(...READS)) return []
    return flags.words.flatMap(word => {
      const at = span(call.word, word)
      const patterns = playsIn(call, word.text)
      if (patterns === undefined) return onHosts(call, undefined, 'playbook', at)
      return patterns.flatMap(pattern => onHosts(call, limited(call, flags, pattern), 'playbook', at))
    })
  },
}

/** The `hosts` of each play. Undefined if the playbook can't be read. */
function playsIn(
  call: Call,
  path: string | undefined,
  depth = 0,
): readonly (string | undefined)[] | undefined {
  const text = path === undefined || depth > 1 ? undefined : call.read(path)
  if (text === undefined) return undefined
  const [plays] = readYaml(text, call.budget)
  if (!Array.isArray(plays)) return undefined
  return (plays as readonly Yaml[]).flatMap(play => {
    if (!isMap(play)) return [undefined]
    const imported = textAt(play, 'import_playbook') ?? textAt(play, 'ansible.builtin.import_playbook')
    if (imported !== undefined) {
      const folder = path?.includes('/') ? path.replace(/\/[^/]*$/, '/') : ''
      return playsIn(call, `${folder}${imported}`, depth + 1) ?? [undefined]
    }
    const listed = listAt(play, 'hosts').filter(each => typeof each === 'string')
    return [
      textAt(play, 'connection') === 'local'
        ? 'localhost'
        : (textAt(play, 'hosts') ?? (listed.join(',') || undefined)),
    ]
  })
}

/** ansible-pull runs a playbook on this machine. */
export const ansiblePull: Tool = {
  names: ['ansible-pull'],
  effects: call => {
    const flags = parseFlags(call.args, {
      values: ['-C --checkout', '-U --url', '-i --inventory', '-d --directory'],
    })
    if (flags.has('check', 'list-hosts', 'help', 'h', 'version')) return []
    return onHosts(call, ['localhost'], 'pull', span(call.word, ...call.args))
  },
}

/** What ansible-galaxy does on the server that others share. */
const GALAXY: ReadonlySet<string> = new Set([
  'role delete',
  'role import',
  'role setup',
  'collection publish',
])

export const ansibleGalaxy: Tool = {
  names: ['ansible-galaxy'],
  effects: call => {
    const flags = parseFlags(call.args, { switches: ['-h --help'] })
    const verb = flags.words
      .slice(0, 2)
      .map(word => word.text)
      .join(' ')
    if (flags.has('help') || !GALAXY.has(verb)) return []
    return onHosts(call, undefined, verb, span(call.word, ...flags.words.slice(0, 2)))
  },
}

/** A session in which a person types what isn't known. */
export const ansibleConsole: Tool = {
  names: ['ansible-console'],
  effects: call => {
    if (parseFlags(call.args, FLAGS).has(...READS)) return []
    const words = span(call.word, ...call.args)
    return [{ label: undefined, verb: 'console', effect: 'unknown', target: 'unknown', words }]
  },
}
