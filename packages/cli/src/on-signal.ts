import { abandonCalls } from '@presence/core'

/** A command that waits for this long, in milliseconds, has its query ended on the server when a signal ends it. */
const AFTER_MS = 300
/** What that may add before the process ends, in milliseconds. */
const END_MS = 200

/**
 * On SIGINT or SIGTERM, ends what the server is doing for this process, then ends the process by the same signal. Short
 * commands don't pay for it: it is set up after a while. Commands with their own handlers are left to those.
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
