import { abandonCalls } from '@presence/core/internal'

/**
 * When a signal ends a command that has run for at least this long, in milliseconds, its query is ended on
 * the server.
 */
const AFTER_MS = 300
/** How long ending the query may delay the end of the process, in milliseconds. */
const END_MS = 200

/**
 * On SIGINT or SIGTERM, ends this process's queries on the server, then ends the process by the same signal.
 * The handler is set up only after a while, so that short commands don't pay for it. Commands with their own
 * handlers keep those.
 */
export function endCallsOnSignal(): void {
  setTimeout(() => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) if (isOurs(name)) process.once(name, () => end(name))
  }, AFTER_MS).unref()
}

function end(name: NodeJS.Signals): void {
  if (isOurs(name)) void abandonCalls(END_MS).finally(() => process.kill(process.pid, name))
}

function isOurs(name: NodeJS.Signals): boolean {
  return process.listenerCount(name) === 0
}
