import { readFileSync } from 'node:fs'

/** `starttime` in /proc/<pid>/stat counts these in a second on every Linux that Node runs on. */
const TICKS = 100
/** A shell that is older than this wasn't started for one event. In milliseconds. */
const OLDEST_MS = 60_000

/**
 * When this hook started, in milliseconds of the wall clock. On a busy machine Node starts seconds after the hook's
 * shell, so the shell's start counts, if the shell is known.
 */
export function startedAt(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const own = process.uptime() * 1_000
  const shell = env['PRESENCE_HOOK_PPID'] ? ageOf(process.ppid) : undefined
  return Date.now() - (shell !== undefined && shell > own && shell < OLDEST_MS ? shell : own)
}

/** How long a process has been running, in milliseconds; undefined where that can't be seen. */
function ageOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may contain anything. `starttime` is the 20th field after it (proc_pid_stat(5)).
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
    const age = (uptime - ticks / TICKS) * 1_000
    return Number.isFinite(age) && age >= 0 ? age : undefined
  } catch {
    return undefined
  }
}
