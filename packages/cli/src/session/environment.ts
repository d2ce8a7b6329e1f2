import { resolve } from 'node:path'
import { agentSessionExports } from '@presence/core/internal'
import type { Plan } from '@presence/worktree'
import type { Globals } from '../globals.ts'
import { environmentOf } from '../running/tokens.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Makes the path of a board's file absolute, so that it means the same file in another folder. */
function absolute(dsn: string, cwd: string): string {
  const file = /^sqlite:(?!\/)(.+)$/.exec(dsn)?.[1]
  return file === undefined ? dsn : `sqlite:${resolve(cwd, file)}`
}

export function anchored(globals: Globals, cwd: string): Globals {
  return globals.dsn === undefined ? globals : { ...globals, dsn: absolute(globals.dsn, cwd) }
}

export function anchoredEnvironment(env: Environment, cwd: string): Environment {
  const dsn = env['PRESENCE_DSN']
  return dsn ? { ...env, PRESENCE_DSN: absolute(dsn, cwd) } : env
}

/** The environment of an agent in this session. */
export function environmentFor(
  { role }: Plan,
  sessionId: string,
  env: Environment,
  dsn: string | undefined,
): Environment {
  return {
    ...environmentOf(env, dsn),
    ...agentSessionExports(sessionId, env),
    PRESENCE_ROLE: role,
    CLAUDE_INSTANCE_ID: role,
  }
}
