import { GUARD_MODES } from '@presence/core/internal'
import { GUARD_DEFAULT, holdsOurs, type WiringOptions } from './agents.ts'
import { valueAt } from './edit.ts'
import { hasOurStatusLine } from './status-line.ts'

/** The event at the end of a turn, by any agent's name for it. */
const STOP: ReadonlySet<string> = new Set(['Stop', 'AfterAgent', 'stop'])

/** The options with which the hooks in an agent's settings were written: writing them again keeps these options. */
export function optionsIn(text: string): Omit<WiringOptions, 'user'> {
  const settings = text.replace(/^\ufeff/, '')
  const ours = Object.entries((valueAt(settings, ['hooks']) ?? {}) as object).flatMap(([event, entries]) =>
    (Array.isArray(entries) ? entries : []).filter(holdsOurs).map(entry => ({
      event,
      entry: JSON.stringify(entry),
    })),
  )
  const [server] = ours.flatMap(
    ({ entry }) => /--http '([^']+?)(?:\/hooks\/[a-z-]+)?'/.exec(entry)?.[1] ?? [],
  )
  const modes = ours.flatMap(({ entry }) => / --guard ([a-z]+)/.exec(entry)?.[1] ?? [])
  return {
    guard: GUARD_MODES.find(mode => modes.includes(mode)) ?? GUARD_DEFAULT,
    viaMcp: ours.some(({ entry }) => entry.includes(' --via mcp')),
    denyTaskTools: ours.some(({ entry }) => entry.includes('--deny-task-tools')),
    releaseOnStop: ours.some(({ event }) => STOP.has(event)),
    statusLine: hasOurStatusLine(settings),
    server,
  }
}
