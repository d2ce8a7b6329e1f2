import { type ChildProcess, spawn } from 'node:child_process'
import { until } from './until.ts'

/** The CPU time that a Node needs to start on a machine of usual speed, in milliseconds. */
const START_CPU_MS = 60

/**
 * How much slower everything is now than on an idle machine of usual speed, as a factor: the wall-clock time
 * of a Node that does nothing, divided by the CPU time that it needs there.
 */
export function slowness(): Promise<number> {
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
      const onCoreMs = Math.min(Number(printed) / 1_000, START_CPU_MS)
      resolve(onCoreMs > 0 ? Math.max(1, (performance.now() - from) / onCoreMs) : 1)
    })
  })
}

/**
 * Whether this settles within a deadline that users are promised on an idle machine. On a busy or slow
 * machine the deadline is extended by the current slowness.
 */
export async function isInTime(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const from = performance.now()
  const within = (moreMs: number) =>
    new Promise<boolean>(resolve => {
      const timer = setTimeout(resolve, moreMs, false).unref()
      const settled = () => {
        clearTimeout(timer)
        resolve(true)
      }
      promise.then(settled, settled)
    })
  // Measuring the slowness takes a process of its own, and few promises need it.
  return (await within(ms)) || within(ms * (await slowness()) - (performance.now() - from))
}

/** Like `until`, within such a deadline. */
export async function untilInTime<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  ms: number,
): Promise<T> {
  const answer = until(what, ask)
  if (await isInTime(answer, ms)) return answer
  throw new Error(`${what} took longer than ${ms} ms, and than the machine's slowness explains`)
}

/** Kills a process that misses such a deadline. */
export async function killLate(child: ChildProcess, ms: number): Promise<void> {
  const ended = new Promise(resolve => child.once('exit', resolve))
  if (!(await isInTime(ended, ms))) child.kill('SIGKILL')
}
