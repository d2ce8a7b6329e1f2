import { onSignal } from '@presence/process'

/**
 * A signal that aborts at Ctrl-C or SIGTERM, with that signal's name as its reason. A second such signal ends
 * the process in the default way.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    onSignal(name, () => controller.abort(name), { once: true })
  return controller.signal
}

/** The status that a shell reports for a command that a signal ended. */
export function interruptedStatus(reason: unknown): number {
  return 128 + (reason === 'SIGINT' ? 2 : 15)
}
