import type { Board } from '@presence/core'
import { type GuardSettings, guardModeOf, oneLine } from '@presence/core/internal'
import type { Analysis } from '@presence/guard'
import { answer } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { holderList } from '../ui/holder.ts'
import { nearNotes } from '../ui/notes.ts'
import { wiredMode } from './words.ts'

/** A command line that changes more is rarely typed, and each label is a question to the board. */
const LABELS_MAX = 8

/** The labels that a command would change and the guard cares about. */
export function changedLabels({ effects }: Analysis, settings: GuardSettings): readonly string[] {
  const labels = effects.flatMap(({ label, effect }) =>
    label !== null && effect === 'changes' ? [label] : [],
  )
  return [...new Set(labels)].filter(
    label => guardModeOf(settings, label.slice(0, label.indexOf(':')), wiredMode) !== 'off',
  )
}

/** Says on standard error who else holds what a command would change. Says nothing if nobody does. */
export async function tellHolders(
  analysis: Analysis,
  settings: GuardSettings,
  globals: Globals,
  io: Io,
): Promise<ExitStatus> {
  const labels = changedLabels(analysis, settings).slice(0, LABELS_MAX)
  if (labels.length === 0) return EXIT.done
  const ask = async (board: Board) => {
    const all = await Promise.all(labels.map(label => board.peek(label)))
    for (const [at, said] of all.entries()) {
      if (!said.ok) continue
      const others = said.claims.filter(({ session }) => session.id !== board.session.id)
      if (others.length > 0) io.err(`presence: ${oneLine(labels[at] ?? '')} is claimed by:`)
      for (const line of holderList(others, said.asOf, io, board.session)) io.err(line)
      for (const note of nearNotes(said.overlaps, [], said.asOf)) io.err(`presence: note: ${note}`)
    }
    return { lines: [], json: null }
  }
  // Standard output belongs to the person's command.
  const quiet = { ...io, width: io.width, out: () => {}, page: () => {} }
  return answer(globals, quiet, ask, { outbox: false })
}
