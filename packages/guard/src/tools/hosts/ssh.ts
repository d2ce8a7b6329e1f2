import { lineOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool } from '../tool.ts'
import { machineOf } from './machine.ts'

const FLAGS = {
  stopsAtWord: true,
  values: '-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w'.split(' '),
}

/** ssh runs a command on another machine. A host's alias in `~/.ssh/config` counts as its name. */
export const ssh: Tool = { names: ['ssh', 'autossh', 'mosh'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [target, ...more] = flags.words.length > 0 ? flags.words : (flags.rest ?? [])
  if (target === undefined || flags.has('V', 'Q', 'O', 'G')) return []
  // Flags may also stand between the host and the command.
  const after = parseFlags(more, FLAGS)
  const command = [...after.words, ...(after.rest ?? [])]
  const host = machineOf(call, hostIn(target.text))
  const at = span(call.word, target, ...command)
  if (command.length > 0) return call.inner(lineOf(command), { host, isRemote: true, at })
  return call.stdin === undefined
    ? []
    : call.inner(call.stdin, { host, isRemote: true, at, stdin: undefined })
}

/** `ana@db1`, `ssh://ana@db1:22`. */
function hostIn(text: string | undefined): string | undefined {
  return /^(?:ssh:\/\/)?(?:[^@]*@)?(\[[^\]]+\]|[^:/]+)/.exec(text ?? '')?.[1]
}
