import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { freeBytesAt, full, nearestTo, queueFault } from '../queue/fault.ts'
import type { QueueFile } from '../queue/file.ts'
import { brokenBy, type Finding, note, ok } from './finding.ts'

/** A few operations: one takes some kilobytes at most. */
const FREE_BYTES_MIN = 64 * 1024

/** What waits to be delivered, whether more could be queued, and whether the server asked to be left alone. */
export function checkQueue(queue: QueueFile): readonly Finding[] {
  const findings: Finding[] = []
  try {
    refuseUnusable(queue)
    const waiting = queue.waiting()
    if (waiting > 0)
      findings.push(note('queue', `${waiting} operations wait to be delivered`, 'run: presence sync'))
  } catch (error) {
    findings.push(brokenBy('queue', queueFault(error, queue.folder)))
  }
  if (existsSync(queue.damagedFile))
    findings.push(
      note(
        'queue',
        `lines that could not be read are in ${queue.damagedFile}`,
        'look at them, then delete the file',
      ),
    )
  const until = queue.hold.until()
  if (until)
    findings.push(
      note('queue', `the server asked to be left alone until ${until.toISOString()}`, 'wait until then'),
    )
  return findings.length > 0 ? findings : [ok('queue', 'nothing waits to be delivered')]
}

/** Tries what queueing and delivering would need, without making or changing anything. */
function refuseUnusable({ folder, files }: QueueFile): void {
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
