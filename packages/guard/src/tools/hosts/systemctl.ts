import { type FlagTable, hostLabel, labelOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { machineOf } from './machine.ts'

const FLAGS: FlagTable = {
  values:
    `-H --host|-M --machine|-t --type|--state|-p --property|-P --property|-s --signal|-n --lines|-o --output|--root|--image
--kill-whom|--kill-who|--kill-value|--job-mode|--what|--when|--message|--preset-mode|--timestamp|--check-inhibitors
--reboot-argument|--firmware-setup|--boot-loader-menu|--boot-loader-entry|--drop-in|--legend`.split(/[|\n]/),
  switches: ['-h --help'],
}
/** What changes units. */
const UNITS: ReadonlySet<string> = new Set(
  `start stop restart reload try-restart reload-or-restart reload-or-try-restart force-reload condrestart kill clean freeze
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

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, ...units] = flags.words
  if (verb?.text === undefined || flags.has('help', 'h', 'version', 'dry-run')) return []
  const host = hostIn(call, flags.value('host') ?? flags.value('machine'))
  const made = (label: string | undefined, word?: Word): Found => ({
    label,
    verb: verb.text as string,
    effect: 'changes',
    target: label ? 'exact' : 'unknown',
    words: span(call.word, verb, word),
  })
  if (MACHINE.has(verb.text) || verb.text === 'isolate') return [made(hostLabel(host))]
  if (!UNITS.has(verb.text)) return []
  const named = verb.text === 'set-property' ? units.slice(0, 1) : units
  if (named.length === 0) return verb.text === 'reset-failed' ? [] : [made(undefined)]
  return named.map(word => made(unitLabel(word.text, host), word))
}

function hostIn(call: Call, word: Word | undefined): string | undefined {
  return word ? machineOf(call, word.text?.replace(/^.*@/, '').split(':')[0]) : call.host
}

/** A unit's label: `nginx.service` and `nginx` are one service. A pattern is an unknown target. */
function unitLabel(unit: string | undefined, host: string | undefined): string | undefined {
  if (unit === undefined || /[*?[]/.test(unit)) return undefined
  const name = unit.replace(/^.*\//, '').replace(/\.service$/, '')
  return labelOf('service', name, host)
}

const ACTIONS: ReadonlySet<string> = new Set(
  'start stop restart reload force-reload try-restart condrestart graceful full-restart'.split(' '),
)

/** `service nginx restart`, and the scripts in /etc/init.d. */
export const service: Tool = {
  names: ['service', 'rc-service', 'invoke-rc.d'],
  effects: call => {
    const [name, action] = parseFlags(call.args, {}).words
    if (name === undefined || action?.text === undefined || !ACTIONS.has(action.text)) return []
    const label = unitLabel(name.text, call.host)
    const words = span(call.word, name, action)
    return [{ label, verb: action.text, effect: 'changes', target: label ? 'exact' : 'unknown', words }]
  },
}
