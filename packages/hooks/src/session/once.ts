import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, ownText, sessionFile } from '@presence/core/internal'
import type { Payload } from '../agents/adapter.ts'
import { AT_ONCE_MS, momentOf } from '../moment.ts'

/** Above this many bytes the file is emptied. */
const FILE_BYTES_MAX = 32_768

/** Tells apart the hooks that one process, such as a test, answers within one millisecond. */
let calls = 0

/**
 * True for the first hook of an event. Each hook appends a line to the session's file, and the event's first
 * line in it belongs to the first hook. An append is atomic, so of copies that run at the same time exactly
 * one gets true. If the file can't be used, all get true: saying something twice is better than never. A hook
 * without a payload gets true too, because nothing tells its event from the next one.
 */
export function isFirst(state: string, agentSession: string, event: string, payload: Payload): boolean {
  if (Object.keys(payload).length === 0) return true
  const file = sessionFile(state, agentSession, 'once')
  const moment = momentOf(event, payload)
  const now = Date.now()
  const mine = `${moment} ${now} ${process.pid}.${calls++}`
  try {
    makeFolder(dirname(file))
    if (sizeOf(file) > FILE_BYTES_MAX) writeFileSync(file, '', { mode: 0o600 })
    appendFileSync(file, `${mine}\n`, { mode: 0o600 })
    const lines = (ownText(file) ?? '').split('\n').filter(line => line.startsWith(`${moment} `))
    return !lines.includes(mine) || firstOnes(lines).includes(mine)
  } catch {
    return true
  }
}

/** A line after a copy's is compared with the first one's: otherwise copies that never end would silence all. */
function firstOnes(lines: readonly string[]): readonly string[] {
  const first: string[] = []
  for (const line of lines) {
    const last = first.at(-1)
    if (last === undefined || Math.abs(timeOf(line) - timeOf(last)) > AT_ONCE_MS) first.push(line)
  }
  return first
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function timeOf(line: string): number {
  return Number(line.split(' ')[1])
}
