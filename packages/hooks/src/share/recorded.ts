import { isObject, objectIn } from '@presence/core/internal'

/** A shell command of a recorded session, and the folder in which the agent was. */
export interface Recorded {
  readonly command: string
  readonly cwd: string
}

/** The names of the agents' shell tools, as their transcripts have them. */
const SHELLS: ReadonlySet<unknown> = new Set(['Bash', 'run_shell_command', 'shell', 'exec_command', 'Shell'])

/** The shell commands in a transcript of Claude Code or of Codex: one JSON object a line. */
export function recordedIn(transcript: string): readonly Recorded[] {
  let cwd = '/'
  return transcript.split('\n').flatMap(line => {
    const entry = objectIn(line)
    if (!entry) return []
    const payload = isObject(entry['payload']) ? entry['payload'] : entry
    cwd = [entry['cwd'], payload['cwd']].find(each => typeof each === 'string') ?? cwd
    return callsIn(entry, payload).map(command => ({ command, cwd }))
  })
}

type Fields = Readonly<Record<string, unknown>>

function callsIn(entry: Fields, payload: Fields): readonly string[] {
  const message = isObject(entry['message']) ? entry['message'] : {}
  const content: unknown = message['content']
  const parts = Array.isArray(content) ? content : []
  const claude = parts.flatMap((part: unknown) =>
    isObject(part) && part['type'] === 'tool_use' && SHELLS.has(part['name']) ? commandIn(part['input']) : [],
  )
  if (payload['type'] !== 'function_call' || !SHELLS.has(payload['name'])) return claude
  return commandIn(typeof payload['arguments'] === 'string' ? objectIn(payload['arguments']) : undefined)
}

function commandIn(input: unknown): readonly string[] {
  if (!isObject(input)) return []
  const command = input['command'] ?? input['cmd']
  if (typeof command === 'string') return [command]
  // Codex: `["bash", "-lc", "…"]`.
  const last: unknown = Array.isArray(command) ? command.at(-1) : undefined
  return typeof last === 'string' ? [last] : []
}
