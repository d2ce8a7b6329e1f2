import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '@presence/core'

/**
 * Which session an agent's process is on the board. `/clear` gives the agent a new id while its process goes on, and its
 * claims with it: the file of the process says under which id.
 */
export class AgentProcess {
  readonly #file: string | undefined

  /** @param env `CLAUDE_PID` is the agent's process; without one nothing is remembered */
  constructor(state: string, env: Readonly<Record<string, string | undefined>>) {
    const pid = env['CLAUDE_PID']
    const started = pid !== undefined && /^\d{1,10}$/.test(pid) ? startOf(pid) : undefined
    // With the time of its start: the number alone is another process's one day.
    this.#file = started === undefined ? undefined : join(state, 'hooks', `process-${pid}-${started}`)
  }

  /** The session that this process is, if it was one before. */
  session(): string | undefined {
    if (this.#file === undefined) return undefined
    try {
      return readFileSync(this.#file, 'utf8') || undefined
    } catch {
      return undefined
    }
  }

  /** From now on this process is that session. */
  remember(sessionId: string): void {
    if (this.#file === undefined) return
    makeFolder(dirname(this.#file))
    const written = `${this.#file}.${process.pid}`
    writeFileSync(written, sessionId, { mode: 0o600 })
    renameSync(written, this.#file)
  }

  forget(): void {
    if (this.#file !== undefined) rmSync(this.#file, { force: true })
  }
}

/** When a process started, in the kernel's ticks (proc(5), field 22); undefined where there is no /proc or process. */
function startOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
