import { lineOf, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
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
  const options = [...flags.values('o'), ...after.values('o')]
  const command = [...after.words, ...(after.rest ?? [])]
  const host = machineOf(call, optionIn(options, 'hostname') ?? hostIn(target.text))
  const at = span(call.word, target, ...command)
  const line = command.length > 0 ? lineOf(command) : optionIn(options, 'remotecommand')
  if (line !== undefined) return call.inner(line, { host, isRemote: true, at })
  return call.stdin === undefined || flags.has('N', 'n', 'W') || after.has('N', 'n', 'W')
    ? []
    : call.inner(call.stdin, { host, isRemote: true, at, stdin: undefined })
}

/** The value of `-o Name=value`. */
function optionIn(options: readonly Word[], name: string): string | undefined {
  for (const { text } of options) {
    const [, key, value] = /^(\w+)(?:\s*=\s*|\s+)(.+)$/s.exec(text ?? '') ?? []
    if (key?.toLowerCase() === name && value?.toLowerCase() !== 'none') return value
  }
  return undefined
}

/** `ana@db1`, `ssh://ana@db1:22`, `fe80::1`. A user's name may have an @. */
function hostIn(text: string | undefined): string | undefined {
  const uri = /^ssh:\/\/(?:[^/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(text ?? '')
  return uri ? uri[1] : text?.slice(text.lastIndexOf('@') + 1)
}
