import { givenUpEnded } from '@presence/core/internal'
import { exitNow, write } from '@presence/process'
import { endCallsOnSignal } from './on-signal.ts'
import { processIo } from './process-io.ts'
import { run } from './run.ts'

/** How long ending abandoned queries may delay the exit, in milliseconds. */
const END_MS = 300
const NODE_MIN = [22, 16] as const

/** The entry point: the only place that ends the process. */
async function main(): Promise<number> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    write(2, `presence: needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}\n`)
    return 3
  }
  // The launcher's compile cache is for this program, not for programs that it starts.
  delete process.env['NODE_COMPILE_CACHE']
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
