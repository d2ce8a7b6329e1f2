import { parseFlags, span } from '../../support/index.ts'
import type { Call, Found, Tool, Word } from '../../tool.ts'
import { changesOn, FLAGS, machinesIn, READS } from './hosts.ts'
import { commandLineIn, onlyReads } from './remote-command.ts'

const OWN = {
  ...FLAGS,
  values: [...FLAGS.values, ...'-m --module-name|-a --args|-t --tree|-B --background|-P --poll'.split('|')],
}
/** Modules that change nothing. So do those whose names end in `_info` or `_facts`. */
const READING =
  /^(add_host|assert|async_status|debug|fail|fetch|find|gather_facts|getent|group_by|include_vars|meta|pause|ping|set_fact|set_stats|setup|slurp|stat|validate_argument_spec|wait_for|wait_for_connection|win_ping|win_stat|win_wait_for|\w+_(info|facts))$/
const COMMANDS: ReadonlySet<string> = new Set('command shell raw expect win_command win_shell'.split(' '))
const SERVICES: ReadonlySet<string> = new Set(
  'openrc runit service systemd systemd_service sysvinit win_service'.split(' '),
)

/** Ansible's command for one task, by its manual of version 2.19. */
export const ansible: Tool = { names: ['ansible'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, OWN)
  const [pattern] = flags.words
  if (pattern === undefined || flags.has(...READS)) return []
  const module = moduleIn(flags.has('module-name') ? flags.value('module-name') : COMMAND)
  const args = flags.value('args')
  const at = span(call.word, pattern, args)
  if (module === undefined)
    return [{ label: undefined, verb: 'unknown', effect: 'unknown', target: 'unknown', words: at }]
  if (READING.test(module) || (module === 'uri' && isGet(args))) return []
  const machines = machinesIn(call, flags)(pattern.text)
  if (!COMMANDS.has(module)) return changesOn(machines, module, at, serviceIn(module, args))
  if (args === undefined) return []
  const line = commandLineIn(args)
  // What the command does on each machine is found by its own tool.
  const inner = (machines ?? [undefined]).flatMap(host => call.inner(line, { host, isRemote: true, at }))
  if (inner.some(each => each.effect === 'changes') || onlyReads(line)) return inner
  return changesOn(machines, module, at)
}

const COMMAND = { text: 'command' }

/** `ansible.builtin.apt` → `apt`; undefined if the word can't be a module's name. */
function moduleIn(word: Pick<Word, 'text'> | undefined): string | undefined {
  return /^(?:\w{1,60}\.)*([a-z]\w{0,60})$/.exec(word?.text ?? '')?.[1]
}

/** `uri` without a method, and without a file that it writes. */
function isGet(args: Word | undefined): boolean {
  return (
    args?.text !== undefined && !/(^|\s)(dest|body|src)=|method=["']?(?!GET|HEAD|OPTIONS)\w/i.test(args.text)
  )
}

/** The name of the service that a module such as `service` is about. */
function serviceIn(module: string, args: Word | undefined): string | undefined {
  if (!SERVICES.has(module)) return undefined
  const found = /(?:^|[\s{,])"?(?:name|service|unit)"?\s*[=:]\s*["']?([\w.@\\-]+)/.exec(args?.text ?? '')
  return found?.[1]?.replace(/\.service$/, '')
}
