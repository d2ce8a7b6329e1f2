import { plain, quoted } from '@presence/core/internal'
import type { Heard, Tasks } from '../hook.ts'

const OPEN_MAX = 10

/** The tracker's tasks: those in progress, and the first open ones. */
export function tasksBlock(heard: Heard<Tasks> | undefined): readonly string[] {
  if (heard === undefined) return []
  if (!heard.known) return [`Tracker: its tasks are unknown (${plain(masked(heard.reason))}).`]
  const { inProgress, open } = heard.value
  return [
    ...section('Tracker, tasks in progress:', inProgress, inProgress.length),
    ...section('Tracker, open tasks:', open, OPEN_MAX),
  ]
}

function section(title: string, lines: readonly string[], max: number): readonly string[] {
  if (lines.length === 0) return []
  const shown = lines.slice(0, Math.min(max, 20)).map(line => `- ${quoted(line)}`)
  const rest = lines.length - shown.length
  return [title, ...shown, ...(rest > 0 ? [`and ${rest} more.`] : [])]
}

/** The tracker's errors may contain the DSN that it was given. */
function masked(text: string): string {
  return text.replaceAll(/:\/\/[^/\s@]*@/g, '://…@')
}
