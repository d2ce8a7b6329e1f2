import { existsSync } from 'node:fs'
import type { QueueFile } from '../queue/file.ts'
import { type Finding, note, ok } from './finding.ts'

/** What waits to be delivered, what could not be read, and whether the server asked to be left alone. */
export function checkQueue(queue: QueueFile): readonly Finding[] {
  const findings: Finding[] = []
  const waiting = queue.waiting()
  if (waiting > 0)
    findings.push(note('queue', `${waiting} operations wait to be delivered`, 'run: presence sync'))
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
