import { type ChildProcess, spawn } from 'node:child_process'

/**
 * How much longer everything takes now than on a machine with nothing else to do, as a factor: a Node that does nothing, its
 * time by the clock over its time on a core.
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
 * Awaits a deadline that users are promised, as a machine with nothing else to do would keep it: on a busy one it is later
 * by as much as everything is slower at that moment.
 *
 * @param goneMs how much of it is over already
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
  // How slow the machine is takes a process to find out: few commands need it.
  if (isRunning()) await promisedDeadline(ms, ms)
  if (isRunning()) child.kill('SIGKILL')
}
