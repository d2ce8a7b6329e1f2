import { givenUpEnded } from '@presence/core/internal'
import { exitNow, keepIgnored, newerNodeNeeded, restoreEnvironment, write } from '@presence/process'
import { endCallsOnSignal } from './on-signal.ts'
import { processIo } from './process-io.ts'
import { run } from './run.ts'

/** How long ending abandoned queries may delay the exit, in milliseconds. */
const END_MS = 300

/** The entry point: the only place that ends the process. */
async function main(): Promise<number> {
  const needed = newerNodeNeeded()
  if (needed !== undefined) {
    write(2, `presence: needs Node ${needed} or newer; this is ${process.versions.node}\n`)
    return 2
  }
  restoreEnvironment()
  keepIgnored()
  endCallsOnSignal()
  return run(process.argv.slice(2), processIo())
}

main().then(
  async status => {
    await givenUpEnded(END_MS)
    exitNow(status)
  },
  error => {
    write(2, `presence: failed: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(3)
  },
)
