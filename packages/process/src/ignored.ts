/** The launcher's variable with the names of the signals that were ignored at the start: see launch.sh. */
const VARIABLE = 'PRESENCE_IGNORED'
/**
 * Node ignores the first two itself. The other two stop a process that uses a terminal in the background; with a
 * handler, the system would repeat the signal without end.
 */
const LEFT_ALONE: ReadonlySet<string> = new Set(['PIPE', 'XFSZ', 'TTIN', 'TTOU'])

let names: readonly string[] = []

/**
 * Keeps ignoring the signals that were ignored when the launcher started: Node has set all of them back to their
 * defaults, so that `nohup presence run` would end with its terminal. Call this once, early.
 */
export function keepIgnored(env: NodeJS.ProcessEnv = process.env): void {
  const said = env[VARIABLE]
  delete env[VARIABLE]
  if (!said) return
  names = said.split(' ').filter(name => /^[A-Z0-9]+$/.test(name))
  for (const name of names) if (!LEFT_ALONE.has(name)) process.on(`SIG${name}`, () => {})
}

/** The names of the signals that were ignored at the start, without `SIG`. */
export function ignoredSignals(): readonly string[] {
  return names
}

/** Handles a signal, unless it was ignored at the start: then it stays ignored. */
export function onSignal(name: NodeJS.Signals, handle: () => void, { once = false } = {}): void {
  if (names.includes(name.slice(3))) return
  if (once) process.once(name, handle)
  else process.on(name, handle)
}
