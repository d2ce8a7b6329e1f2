import { existsSync, readdirSync, readFileSync } from 'node:fs'

/**
 * How long to wait until all threads have stopped, in milliseconds. A thread that waits for a disk stops only
 * when the disk has answered.
 */
const WITHIN_MS = 10_000

const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/**
 * Stops a process with SIGSTOP, and returns once each of its threads has stopped. On a busy machine that takes
 * a while: the thread that gets the signal has to run before the others are told.
 */
export function stopProcess(pid: number): void {
  process.kill(pid, 'SIGSTOP')
  for (let ms = 0; process.platform === 'linux' && ms < WITHIN_MS && !isStopped(pid); ms++) sleep(1)
}

function isStopped(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every(thread => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
      return /\) [TtZX] /.test(stat)
    })
  } catch {
    // A thread has ended, so look again; or the process has ended.
    return !existsSync(`/proc/${pid}`)
  }
}
