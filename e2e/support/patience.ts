import { type ChildProcess, spawn } from 'node:child_process'

/**
 * How much slower everything is now than on an idle machine, as a factor: the wall-clock time of a Node that
 * does nothing, divided by its CPU time.
 */
function slowness(): Promise<number> {
  const code =
    'const { userCPUTime, systemCPUTime } = process.resourceUsage(); console.log(userCPUTime + systemCPUTime)'
  const from = performance.now()
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--eval', code], { stdio: ['ignore', 'pipe', 'ignore'] })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    child.on('error', () => resolve(1))
    child.on('close', () => {
      const onCoreMs = Number(printed) / 1_000
      resolve(onCoreMs > 0 ? Math.max(1, (performance.now() - from) / onCoreMs) : 1)
    })
  })
}

/**
 * Waits for a deadline that users are promised on an idle machine. On a busy machine it is extended by the
 * current slowness.
 *
 * @param goneMs how much of it has already passed, in milliseconds
 */
export async function promisedDeadline(ms: number, goneMs = 0): Promise<void> {
  const from = performance.now() - goneMs
  await new Promise(resolve => setTimeout(resolve, ms - goneMs).unref())
  const laterMs = ms * (await slowness()) - (performance.now() - from)
  if (laterMs > 0) await new Promise(resolve => setTimeout(resolve, laterMs).unref())
}

/** Kills a process that misses such a deadline. */
export async function killLate(child: ChildProcess, ms: number): Promise<void> {
  const isRunning = () => child.exitCode === null && child.signalCode === null
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms).unref()
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  // Measuring the slowness takes a process of its own, and few commands need it.
  if (isRunning()) await promisedDeadline(ms, ms)
  if (isRunning()) child.kill('SIGKILL')
}
