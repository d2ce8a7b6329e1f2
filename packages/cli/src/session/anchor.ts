import { resolve } from 'node:path'
import type { Globals } from '../globals.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A board's file named from here is the same for whoever works in another folder. */
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
