import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { freeBytesAt, full, nearestTo, outboxFault } from '../outbox/fault.ts'
import type { OutboxFile } from '../outbox/file.ts'
import { brokenBy, type Finding, note, ok } from './finding.ts'

/** Room for a few outbox entries: each takes a few kilobytes at most. */
const FREE_BYTES_MIN = 64 * 1024

/** Reports what waits in the outbox, whether more could be added, and whether the circuit breaker is open. */
export function checkOutbox(queue: OutboxFile): readonly Finding[] {
  const findings: Finding[] = []
  try {
    refuseUnusable(queue)
    const waiting = queue.waiting()
    if (waiting > 0)
      findings.push(
        note('queue', `${waiting} operations in the outbox wait to be delivered`, 'run: presence sync'),
      )
  } catch (error) {
    findings.push(brokenBy('queue', outboxFault(error, queue.folder)))
  }
  if (existsSync(queue.deadLetterFile))
    findings.push(
      note(
        'queue',
        `dead letters, which could not be read or were refused, are in ${queue.deadLetterFile}`,
        'read them; to try them again, run: presence sync --retry-dead-letters; otherwise delete the file',
      ),
    )
  for (const { since, tries, reason } of Object.values(queue.failures.all()))
    findings.push(
      note(
        'queue',
        `an operation failed ${tries} times since ${new Date(since).toISOString()}: ${reason}`,
        'it is tried again; to try it now, run: presence sync',
      ),
    )
  const { openSince } = queue.breaker
  if (openSince)
    findings.push(
      note(
        'queue',
        `the server did not answer at ${openSince.toISOString()}`,
        'it is asked again in a second',
      ),
    )
  return findings.length > 0 ? findings : [ok('queue', 'the outbox is empty')]
}

/** Checks what writing to the outbox and delivering it would need, without creating or changing anything. */
function refuseUnusable({ folder, files }: OutboxFile): void {
  const nearest = nearestTo(folder)
  if (!statSync(nearest).isDirectory()) throw odd('ENOTDIR', nearest)
  accessSync(nearest, constants.W_OK | constants.X_OK)
  for (const file of files) {
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found) continue
    if (!found.isFile()) throw odd('EISDIR', file)
    accessSync(file, constants.R_OK | constants.W_OK)
  }
  if ((freeBytesAt(folder) ?? FREE_BYTES_MIN) < FREE_BYTES_MIN) throw full(folder)
}

function odd(code: string, path: string): Error {
  return Object.assign(new Error(code), { code, path })
}
