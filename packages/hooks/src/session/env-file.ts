import { appendFileSync } from 'node:fs'

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
  appendFileSync(
    file,
    exports.map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`).join(''),
  )
}
