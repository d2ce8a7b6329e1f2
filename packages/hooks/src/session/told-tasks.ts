import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { isObject, makeFolder, ownText, replaceFile, sessionFile } from '@presence/core/internal'
import type { ToldTasks } from '../hook.ts'

/** What a session was told of the tracker's tasks. Undefined if nothing, or if its file can't be read. */
export function toldTasksOf(state: string, agentSession: string): ToldTasks | undefined {
  try {
    const read: unknown = JSON.parse(ownText(sessionFile(state, agentSession, 'tasks')) ?? 'null')
    if (!isObject(read) || !isObject(read['tasks'])) return undefined
    const { of, asked, counts, silentSince } = read
    const tasks = Object.entries(read['tasks']).filter(
      (each): each is [string, string] => typeof each[1] === 'string',
    )
    return {
      of: String(of),
      asked: typeof asked === 'string' ? new Date(asked) : undefined,
      tasks: Object.fromEntries(tasks),
      counts: String(counts),
      silentSince: typeof silentSince === 'string' ? silentSince : undefined,
    }
  } catch {
    return undefined
  }
}

export function noteToldTasks(state: string, agentSession: string, told: ToldTasks): void {
  const file = sessionFile(state, agentSession, 'tasks')
  try {
    const text = JSON.stringify(told)
    if (ownText(file) === text) return
    makeFolder(dirname(file))
    replaceFile(file, text, { mode: 0o600 })
  } catch {
    // Ignore: the tasks are told again in full.
  }
}

/** At a session's start the agent may have lost what it was told. */
export function forgetToldTasks(state: string, agentSession: string): void {
  try {
    rmSync(sessionFile(state, agentSession, 'tasks'), { force: true })
  } catch {
    // Ignore: only what changed is told.
  }
}
