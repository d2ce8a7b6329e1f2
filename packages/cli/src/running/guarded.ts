import { guardSettings, oneLine, shellWord } from '@presence/core/internal'
import { analyze, purposeOf } from '@presence/guard'
import { nodeContext } from '@presence/guard/node'
import { changedLabels } from '../guard/holders.ts'
import type { Io } from '../io.ts'
import type { Typed } from './order.ts'

/**
 * The options of a run, with what the guard finds in its command: the labels besides those of `--claim`, and a purpose
 * if none was given. Says on standard error what the command changes and can't be claimed.
 *
 * @throws PresenceError `invalid_config`
 */
export function withGuarded(typed: Typed, words: readonly string[], io: Io): Typed {
  const settings = guardSettings(io.cwd, io.env)
  const line = words.map(shellWord).join(' ')
  const analysis = analyze(line, nodeContext({ cwd: io.cwd, env: io.env, config: settings.config }))
  for (const { label, tool, verb, effect } of analysis.effects)
    if (label === null && effect === 'changes')
      io.err(
        `presence: note: ${oneLine(`${tool} ${verb}`)} changes something, and it is unknown what: it is not claimed`,
      )
  const purpose = typed.purpose ?? purposeOf(analysis.effects)
  return { ...typed, claim: [...(typed.claim ?? []), ...changedLabels(analysis, settings)], purpose }
}
