import { hostLabel, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool } from '../tool.ts'

/** Run levels that end or restart the machine. */
const LEVELS = /^[016sS]$/

/** Commands that restart or end the machine that they run on. */
export const power: Tool = {
  names: ['reboot', 'shutdown', 'poweroff', 'halt', 'init', 'telinit', 'kexec'],
  effects: call => {
    const flags = parseFlags(call.args, { values: ['-t'] })
    if (flags.has('help', 'show', 'wtmp-only', 'version')) return []
    const [level] = flags.words
    if (call.name === 'init' || call.name === 'telinit')
      return LEVELS.test(level?.text ?? '') ? [onHost(call)] : []
    // `kexec --load` only prepares.
    if (call.name === 'kexec') return flags.has('e', 'exec') ? [onHost(call)] : []
    // `halt -w` only writes to the log.
    if (call.name !== 'shutdown' && flags.has('w')) return []
    // `shutdown -c` cancels, and `-k` only sends a message.
    if (call.name === 'shutdown' && flags.has('c', 'k')) return []
    return [onHost(call)]
  },
}

function onHost(call: Call): Found {
  const label = hostLabel(call.host)
  return {
    label,
    verb: call.name,
    effect: 'changes',
    target: label ? 'exact' : 'unknown',
    words: span(call.word, ...call.args),
    tool: call.name,
  }
}
