import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Has the agent's later commands speak as this session, and the tracker's too: through the file of exports that the agent
 * reads before each of them. A BD_ACTOR that somebody set stays.
 */
export function exportSession(env: Environment, sessionId: string): void {
  const file = env['CLAUDE_ENV_FILE']
  if (!file) return
  const exports = [
    ['PRESENCE_SESSION_ID', sessionId],
    // An agent that is started from this one's shell inherits both, and is told by them that the id is not its own.
    ['PRESENCE_HOOK_SESSION_ID', sessionId],
    ...(env['BD_ACTOR'] ? [] : [['BD_ACTOR', sessionId]]),
  ] as const
  append(
    file,
    exports.map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`).join(''),
  )
}

/** To a regular file only: a pipe would be waited for. */
function append(file: string, text: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
  const opened = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600)
  try {
    if (fstatSync(opened).isFile()) writeSync(opened, text)
  } finally {
    closeSync(opened)
  }
}
