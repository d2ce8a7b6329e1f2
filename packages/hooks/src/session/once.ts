import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, sessionFile } from '@presence/core/internal'
import type { Payload } from '../agents/adapter.ts'
import { AT_ONCE_MS, momentOf } from '../moment.ts'

/** Above this many bytes the file is emptied. */
const FILE_BYTES_MAX = 32_768

/**
 * True for the first hook of an event. Each hook appends a line to the session's file, and the event's first
 * line in it belongs to the first hook. An append is atomic, so of copies that run at the same time exactly
 * one gets true. If the file can't be used, all get true: saying something twice is better than never.
 */
export function isFirst(state: string, agentSession: string, event: string, payload: Payload): boolean {
  const file = sessionFile(state, agentSession, 'once')
  const moment = momentOf(event, payload)
  const now = Date.now()
  const mine = `${moment} ${now} ${process.pid}`
  try {
    makeFolder(dirname(file))
    if (sizeOf(file) > FILE_BYTES_MAX) writeFileSync(file, '', { mode: 0o600 })
    appendFileSync(file, `${mine}\n`, { mode: 0o600 })
    const first = readFileSync(file, 'utf8')
      .split('\n')
      .find(line => line.startsWith(`${moment} `) && Math.abs(now - timeOf(line)) <= AT_ONCE_MS)
    return first === undefined || first === mine
  } catch {
    return true
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function timeOf(line: string): number {
  return Number(line.split(' ')[1])
}
