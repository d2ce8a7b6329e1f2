import { type GuardMode, type GuardSettings, guardModeOf, oneLine } from '@presence/core/internal'
import type { Analysis, Effect } from '@presence/guard'

/** The mode that presence's hooks are wired with, unless somebody asked for another one. */
export const wiredMode: GuardMode = 'pause'

/** How many characters of the command are quoted. */
const QUOTED_MAX = 80

const DOES: Readonly<Record<GuardMode, string>> = {
  off: 'off: the guard does nothing',
  note: 'note: it is claimed, and the agent is told who else is there',
  pause: 'pause: it is claimed, and if others are there the agent is told before it runs',
  deny: 'deny: it is claimed, and refused while others are there',
  require: 'require: it is refused unless the session has claimed the label by hand',
}

/** What a command would change, for people. */
export function wordsFor(
  { effects, ranOut }: Analysis,
  line: string,
  settings: GuardSettings,
): readonly string[] {
  const changes = effects.filter(({ effect }) => effect === 'changes')
  const unknown = effects.filter(({ effect }) => effect === 'unknown')
  return [
    ...(changes.length > 0 ? [] : ['presence: it changes nothing that the guard knows']),
    ...changes.flatMap(each => changeLines(each, line, settings)),
    ...unknown.map(
      each =>
        `presence: unknown: ${what(each)}${each.label === null ? '' : ` on ${oneLine(each.label)}`}${because(each, line)}; it is not claimed`,
    ),
    ...effects
      .filter(({ effect }) => effect === 'reads')
      .map(each => `presence: reads: ${what(each)}${because(each, line)}`),
    ...(ranOut
      ? ['presence: the time was over before everything was read: what isn’t listed is unknown']
      : []),
  ]
}

function changeLines(effect: Effect, line: string, settings: GuardSettings): readonly string[] {
  const { label, target } = effect
  if (label === null) {
    const which = target === 'all' ? 'everything of a kind' : 'something, and it is unknown what'
    return [`presence: ${what(effect)} changes ${which}${because(effect, line)}; it is not claimed`]
  }
  const mode = guardModeOf(settings, label.slice(0, label.indexOf(':')), wiredMode)
  return [
    `presence: ${what(effect)} changes ${oneLine(label)}${target === 'all' ? ' (everything of it)' : ''}${because(effect, line)}`,
    `  ${DOES[mode]}`,
  ]
}

function what({ tool, verb }: Effect): string {
  return oneLine(`${tool} ${verb}`.trim())
}

/** The words that say so, and what else a reader needs to know. */
function because({ words: [from, to], note }: Effect, line: string): string {
  const said = oneLine(line.slice(from, to))
  const quoted = said.length <= QUOTED_MAX ? said : `${said.slice(0, QUOTED_MAX)}…`
  return `, by "${quoted}"${note === undefined ? '' : ` (${oneLine(note)})`}`
}

/** The same for programs. */
export function analysisJson({ effects, ranOut }: Analysis) {
  return {
    effects: effects.map(({ label, tool, verb, effect, target, words, note }) => ({
      label,
      tool,
      verb,
      effect,
      target,
      words,
      ...(note === undefined ? {} : { note }),
    })),
    ...(ranOut ? { ran_out: true } : {}),
  }
}
