import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { inQuotes } from '@presence/core/internal'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Writes the session's id into the file of exports that the agent reads before each command, so that the
 * agent's later commands, and those of the tracker, run as this session. A BD_ACTOR that was already set
 * stays.
 */
export function exportSession(env: Environment, sessionId: string): void {
  const file = env['CLAUDE_ENV_FILE']
  if (!file) return
  const exports = [
    ['PRESENCE_SESSION_ID', sessionId],
    // An agent that is started from this agent's shell inherits both variables. Because they are equal, it
    // knows that the id is not its own.
    ['PRESENCE_HOOK_SESSION_ID', sessionId],
    ...(env['BD_ACTOR'] ? [] : [['BD_ACTOR', sessionId]]),
  ] as const
  append(file, exports.map(([name, value]) => `export ${name}=${inQuotes(value)}\n`).join(''))
}

/** Writes only to a regular file, because writing to a pipe could block. */
function append(file: string, text: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
  const opened = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600)
  try {
    if (fstatSync(opened).isFile()) writeSync(opened, text)
  } finally {
    closeSync(opened)
  }
}
