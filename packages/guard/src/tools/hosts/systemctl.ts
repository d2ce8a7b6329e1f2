import { type FlagTable, hostLabel, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { machineOf } from './machine.ts'

const FLAGS: FlagTable = {
  values:
    `-H --host|-M --machine|-t --type|--state|-p --property|-P --property|-s --signal|-n --lines|-o --output|--root|--image
--kill-whom|--kill-who|--kill-value|--job-mode|--what|--when|--message|--preset-mode|--timestamp|--check-inhibitors
--reboot-argument|--boot-loader-menu|--boot-loader-entry|--drop-in|--legend|--kill-subgroup|-C --capsule`.split(
      /[|\n]/,
    ),
  switches: ['-h --help', '-r --recursive'],
}
/** What changes units. */
const UNITS: ReadonlySet<string> = new Set(
  `start stop restart reload try-restart reload-or-restart reload-or-try-restart try-reload-or-restart force-reload condrestart
   condreload condstop kill clean freeze
   thaw set-property isolate mask unmask enable disable reenable preset revert add-wants add-requires edit link bind
   mount-image reset-failed`.split(/\s+/),
)
/** What changes the whole machine. */
const MACHINE: ReadonlySet<string> = new Set(
  `reboot poweroff halt kexec soft-reboot suspend hibernate hybrid-sleep suspend-then-hibernate sleep default rescue
   emergency switch-root exit set-default preset-all`.split(/\s+/),
)

/** systemctl, by its manual of systemd 257. */
export const systemctl: Tool = { names: ['systemctl'], effects }

/** Targets that end, restart or reduce the machine. */
const TARGETS =
  /^(reboot|poweroff|halt|kexec|soft-reboot|suspend|hibernate|hybrid-sleep|suspend-then-hibernate|rescue|emergency|shutdown|ctrl-alt-del|runlevel[016])\.target$/
/** What reads, or changes only how systemd itself works. */
const SILENT: ReadonlySet<string> = new Set(
  `list-units list-automounts list-paths list-sockets list-timers list-unit-files list-dependencies list-jobs list-machines
   status is-active is-failed is-enabled is-system-running show cat help get-default show-environment whoami
   list-sessions daemon-reload daemon-reexec log-level log-target service-watchdogs service-log-level service-log-target
   set-environment unset-environment import-environment cancel`.split(/\s+/),
)

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, ...units] = flags.words
  if (verb?.text === undefined || flags.has('help', 'h', 'version', 'dry-run')) return []
  // An image or a folder with another system isn't this machine.
  if (flags.has('root', 'image')) return []
  const name = verb.text
  const host = hostIn(call, flags.value('host') ?? flags.value('machine'))
  const made = (label: string | undefined, word?: Word): Found => ({
    label,
    verb: name,
    effect: 'changes',
    target: label ? 'exact' : 'unknown',
    words: span(call.word, verb, word),
  })
  // `systemctl --user exit` ends only the user's own services.
  if (name === 'exit' && flags.has('user')) return []
  if (MACHINE.has(name) || name === 'isolate')
    return flags.value('when')?.text === 'cancel' ? [] : [made(hostLabel(host))]
  if (!UNITS.has(name)) return SILENT.has(name) ? [] : [{ ...made(undefined), effect: 'unknown' }]
  const named = unitsIn(name, units)
  if (named.length === 0) return name === 'reset-failed' ? [] : [made(undefined)]
  const isStarting = /start|isolate/.test(name)
  return named.map(word =>
    made(isStarting && TARGETS.test(word.text ?? '') ? hostLabel(host) : unitLabel(word.text, host), word),
  )
}

/** The words that name units: what follows may be a setting or a path. */
function unitsIn(verb: string, words: readonly Word[]): readonly Word[] {
  if (verb === 'set-property' || verb === 'bind' || verb === 'mount-image') return words.slice(0, 1)
  return verb.startsWith('add-') ? words.slice(1) : words
}

function hostIn(call: Call, word: Word | undefined): string | undefined {
  if (!word) return call.host
  const name = word.text?.replace(/^.*@/, '').split(/[:/]/)[0]
  return name === '' || name === '.host' ? call.host : machineOf(call, name)
}

/** A unit's label: `nginx.service` and `nginx` are one service. A pattern is an unknown target. */
function unitLabel(unit: string | undefined, host: string | undefined): string | undefined {
  if (unit === undefined || /[*?[]/.test(unit)) return undefined
  const name = unit.replace(/^.*\//, '').replace(/\.service$/, '')
  return labelOf('service', name, host)
}

const READING = /status|^(configtest|config-test|check|help|describe|usage|version|test)$/
const ACTIONS: ReadonlySet<string> = new Set(
  'start stop restart reload force-reload try-restart condrestart graceful full-restart'.split(' '),
)

/** `service nginx restart`. */
export const service: Tool = {
  names: ['service', 'rc-service', 'invoke-rc.d'],
  effects: call => {
    const flags = parseFlags(call.args, {})
    const [name, given] = flags.words
    const action = flags.has('full-restart') ? 'restart' : given?.text
    if (name === undefined || action === undefined || flags.has('status-all')) return []
    const words = span(call.word, name, given)
    if (READING.test(action)) return []
    if (!ACTIONS.has(action))
      return [{ label: undefined, verb: action, effect: 'unknown', target: 'unknown', words }]
    const label = unitLabel(name.text, call.host)
    return [{ label, verb: action, effect: 'changes', target: label ? 'exact' : 'unknown', words }]
  },
}
