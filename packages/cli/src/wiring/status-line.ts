import { insertInto, valueAt, without } from './edit.ts'

const KEY = 'statusLine'
/** Without `presence` on PATH the status line is empty, and there is no error. */
const COMMAND = 'command -v presence >/dev/null || exit 0; exec presence statusline'

/** An agent's settings with our status line, or without it. A status line of others stays. */
export function withStatusLine(text: string, wanted: boolean): string {
  if (text.startsWith('\ufeff')) return `\ufeff${withStatusLine(text.slice(1), wanted)}`
  const there = valueAt(text, [KEY])
  if (there === undefined)
    return wanted ? insertInto(text, [], { type: 'command', command: COMMAND }, KEY) : text
  return wanted || !isOurs(there) ? text : without(text, [KEY])
}

/** True if the settings show our status line. */
export function hasOurStatusLine(text: string): boolean {
  return isOurs(valueAt(text, [KEY]))
}

/** True if the settings show a status line that isn't ours: there can be only one. */
export function hasAnotherStatusLine(text: string): boolean {
  const there = valueAt(text, [KEY])
  return there !== undefined && !isOurs(there)
}

function isOurs(statusLine: unknown): boolean {
  return /\bpresence\\?"?'? statusline\b/.test(JSON.stringify(statusLine) ?? '')
}
