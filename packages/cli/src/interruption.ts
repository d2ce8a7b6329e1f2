/** A signal that fires at Ctrl-C or SIGTERM. A second one ends the process as if nobody had asked for the first. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}
