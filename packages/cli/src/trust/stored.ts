import { dirname } from 'node:path'
import { allStored, forget, oneLine } from '@presence/core/internal'
import { print } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

type Stored = ReturnType<typeof allStored>[number]

/** Shows everything that this user trusts. */
export function listTrust(globals: Globals, io: Io): ExitStatus {
  const all = allStored(io.env)
  const lines =
    all.length === 0 ? ['presence: you trust no project'] : all.map(each => `presence: ${lineOf(each)}`)
  return print({ lines, json: { trusted: all.map(jsonOf) } }, globals, io)
}

/**
 * Ends this user's trust in the project that a folder is in. It needs no terminal: an agent may take trust
 * away.
 */
export function revokeTrust(folder: string, globals: Globals, io: Io): ExitStatus {
  const gone = forgetAbove(folder, io)
  const lines = gone.map(each => `presence: no longer trusted: ${lineOf(each)}`)
  print({ lines, json: { revoked: gone.map(jsonOf) } }, globals, io)
  if (gone.length > 0) return EXIT.done
  io.err(`presence: you trust nothing in ${oneLine(folder)}`)
  io.err('presence: hint: to see what you trust: presence trust --list')
  return EXIT.refused
}

/** In the nearest folder, from this one upwards, in which something is trusted. */
function forgetAbove(folder: string, io: Io): readonly Stored[] {
  const gone = forget(folder, io.env)
  return gone.length > 0 || dirname(folder) === folder ? gone : forgetAbove(dirname(folder), io)
}

function lineOf({ project, fields }: Stored): string {
  const what = Object.entries(fields).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return oneLine(`${project === '' ? 'all projects' : project}: ${what.join(', ') || 'no board'}`)
}

function jsonOf({ project, fields }: Stored) {
  return { project: project === '' ? null : project, ...fields }
}
