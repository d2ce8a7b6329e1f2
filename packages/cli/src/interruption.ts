/** A signal that fires at Ctrl-C or SIGTERM, with that signal's name for its reason. A second one ends the process as if nobody had asked for the first. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort(name))
  return controller.signal
}

/** As a shell tells of a command that a signal ended. */
export function interruptedStatus(reason: unknown): number {
  return 128 + (reason === 'SIGINT' ? 2 : 15)
}
