import type { GuardTargetMode } from '@presence/core'
import { type GuardMode, type GuardSettings, guardModeOf } from '@presence/core/internal'
import type { Effect } from '@presence/guard'

/** A label that a command would change, and what the guard does about it. */
interface Wanted {
  readonly label: string
  readonly mode: GuardTargetMode
}

/** What the hook asks the board, from the effects of a command. */
export interface Targets {
  readonly wanted: readonly Wanted[]
  /** The effects behind them. */
  readonly effects: readonly Effect[]
  /** Commands that change everything that they match, where no label says what that is. */
  readonly wholesale: readonly string[]
}

/** The board takes at most this many labels of one command. */
const LABELS_MAX = 100

/**
 * Takes what certainly changes something that has a label. What is unknown is silent, because a warning that is mostly
 * wrong is not read; only a command that changes everything is mentioned even without a label.
 *
 * @param wired the mode of kinds that the configuration doesn't name
 * @param lowered the value of `PRESENCE_GUARD`
 */
export function targetsOf(
  effects: readonly Effect[],
  wired: GuardMode,
  settings: Pick<GuardSettings, 'config' | 'stricter'>,
  lowered: string | undefined,
): Targets {
  const changing = effects.filter(({ effect }) => effect === 'changes')
  const labelled = changing.flatMap(effect => {
    const { label, target } = effect
    if (label === null || target === 'unknown') return []
    const mode = guardModeOf(settings, label.slice(0, label.indexOf(':')), wired, lowered)
    return mode === 'off' ? [] : [{ effect, wanted: { label, mode } }]
  })
  const wholesale = changing.filter(({ label, target }) => label === null && target === 'all')
  const byLabel = new Map(labelled.map(({ wanted }) => [wanted.label, wanted]))
  return {
    wanted: [...byLabel.values()].slice(0, LABELS_MAX),
    effects: labelled.map(({ effect }) => effect),
    wholesale:
      guardModeOf(settings, '', wired, lowered) === 'off'
        ? []
        : [...new Set(wholesale.map(({ tool, verb }) => `${tool} ${verb}`.trim()))],
  }
}
