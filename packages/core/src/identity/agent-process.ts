import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * How many parent processes to search for an agent. Its shell, the programs that the shell runs, and some
 * launchers may be in between.
 */
const ANCESTORS_MAX = 16

/**
 * The file in which an agent's start hook stores the session of the agent's process. The name includes the
 * process's start time, because the system reuses process ids. Undefined without /proc, or if there is no
 * such process.
 */
export function agentProcessFile(stateFolder: string, pid: string | number): string | undefined {
  const started = statOf(pid)?.[19]
  return started === undefined ? undefined : join(stateFolder, 'hooks', `process-${pid}-${started}`)
}

/**
 * The session of the agent that started this command, for an agent that passes no variables to its commands.
 */
export function sessionOfAgent(stateFolder: string): string | undefined {
  let pid = String(process.ppid)
  for (let at = 0; at < ANCESTORS_MAX && Number(pid) > 1; at++) {
    const stat = statOf(pid)
    if (!stat) return undefined
    const id = read(join(stateFolder, 'hooks', `process-${pid}-${stat[19]}`))
    if (id) return id
    pid = stat[1] ?? ''
  }
  return undefined
}

/**
 * The fields of /proc/<pid>/stat from the third on (proc(5)). The second is a name that may hold spaces and
 * brackets.
 */
export function statOf(pid: string | number): readonly string[] | undefined {
  const stat = /^(\d{1,10}|self)$/.test(String(pid)) ? read(`/proc/${pid}/stat`) : undefined
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
