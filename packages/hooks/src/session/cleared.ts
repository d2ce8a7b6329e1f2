import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AgentSession,
  fileNameOf,
  isObject,
  isRunning,
  makeFolder,
  objectIn,
  ownText,
  type ProcessKey,
  replaceFile,
} from '@presence/core/internal'

type Environment = Readonly<Record<string, string | undefined>>

/** Sessions that ended by `/clear`, until the agent's next start continues them under another id. */
export class Cleared {
  readonly #folder: string
  readonly #agent: string
  readonly #pid: string

  constructor(state: string, agent: string, env: Environment) {
    this.#folder = join(state, 'hooks')
    this.#agent = agent
    this.#pid = env['CLAUDE_PID'] ?? ''
  }

  /**
   * Notes that a session ended by `/clear`. If the hook is wired twice, the second one finds no record any more,
   * and what the first one noted stays.
   *
   * @throws if the file can't be written
   */
  note(
    session: AgentSession,
    processes: readonly ProcessKey[],
    { cwd, isRecorded }: { readonly cwd: string; readonly isRecorded: boolean },
  ): void {
    const file = this.#fileOf(session.id)
    if (!isRecorded && ownText(file) !== undefined) return
    makeFolder(this.#folder)
    const note = { ...session, processes, pid: this.#pid, cwd, at: Date.now() }
    rmSync(file, { force: true, recursive: true })
    replaceFile(file, JSON.stringify(note), { mode: 0o600 })
  }

  forget(id: string): void {
    rmSync(this.#fileOf(id), { force: true })
  }

  /**
   * The session that ended by `/clear` in one of these processes. If its process is unknown, or was only a
   * helper that has ended too: the one that ended within the last minute with the same process id in the
   * environment, or as the only one in the same folder.
   */
  find(processes: readonly ProcessKey[], cwd: string): AgentSession | undefined {
    const notes = this.#notes()
    const here = notes.filter(note => note.processes.some(key => processes.includes(key)))
    const samePid = (note: Note) => this.#pid !== '' && note.pid === this.#pid
    if (here.length > 0) return here.findLast(samePid) ?? here.at(-1)
    const left = notes.filter(note => !note.processes.some(isRunning))
    const recent = left.filter(note => Math.abs(Date.now() - note.at) < RECENT_MS)
    for (const { id } of left.filter(note => !recent.includes(note))) this.forget(id)
    const inFolder = recent.filter(note => note.cwd === cwd && (note.pid === '' || this.#pid === ''))
    return recent.findLast(samePid) ?? (inFolder.length === 1 ? inFolder[0] : undefined)
  }

  /** All notes of this agent, the latest last. */
  #notes(): readonly Note[] {
    const names = readNames(this.#folder).filter(name => name.startsWith(PREFIX))
    const notes = names.map(name => noteIn(ownText(join(this.#folder, name))))
    return notes
      .filter(note => note !== undefined)
      .filter(({ agent }) => agent === this.#agent)
      .toSorted((one, other) => one.at - other.at)
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${PREFIX}${fileNameOf(`${this.#agent} ${id}`)}`)
  }
}

const PREFIX = 'cleared-'
const RECENT_MS = 60_000

interface Note extends AgentSession {
  readonly processes: readonly ProcessKey[]
  /** The agent's process as it exports it; empty if it doesn't. */
  readonly pid: string
  readonly cwd: string
  readonly at: number
}

function noteIn(text: string | undefined): Note | undefined {
  const note = objectIn(text ?? '')
  const isWhole =
    isObject(note) &&
    Array.isArray(note['processes']) &&
    Array.isArray(note['seen']) &&
    ['agent', 'id', 'session', 'pid', 'cwd'].every(name => typeof note[name] === 'string') &&
    typeof note['at'] === 'number'
  return isWhole ? (note as unknown as Note) : undefined
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
