import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { agentProcessFile, makeFolder, replaceFile } from '@presence/core/internal'

/**
 * Records the board session of an agent's process. `/clear` gives the agent a new id, but its process
 * continues and keeps its claims: the file stores the id under which it holds them.
 */
export class AgentProcess {
  readonly #file: string | undefined

  /** @param pid the agent's process; without it nothing is recorded */
  constructor(state: string, pid: string | number | undefined) {
    this.#file = pid === undefined ? undefined : agentProcessFile(state, pid)
  }

  /** The session that was recorded for this process, if any. */
  session(): string | undefined {
    if (this.#file === undefined) return undefined
    try {
      return readFileSync(this.#file, 'utf8') || undefined
    } catch {
      return undefined
    }
  }

  remember(sessionId: string): void {
    if (this.#file === undefined) return
    makeFolder(dirname(this.#file))
    replaceFile(this.#file, sessionId, { mode: 0o600 })
  }

  forget(): void {
    if (this.#file !== undefined) rmSync(this.#file, { force: true })
  }
}
