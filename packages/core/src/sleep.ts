export interface SleepOptions {
  /** Ends the sleep early. */
  readonly signal?: AbortSignal | undefined
  /** Whether the sleep keeps the process alive. @default true */
  readonly ref?: boolean
}

/**
 * Waits this long, or until the signal fires. It never rejects: the caller checks the signal if it needs to
 * know why the sleep ended.
 *
 * @param ms milliseconds
 */
export async function sleep(ms: number, { signal, ref = true }: SleepOptions = {}): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (!ref) timer.unref()
    signal?.addEventListener('abort', end)
  })
}
