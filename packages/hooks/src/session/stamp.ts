import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  makeFolder,
  objectIn,
  ownText,
  replaceFile,
  SESSION_PARTS,
  sessionFile,
} from '@presence/core/internal'
import { type Recalled, recalledIn, textOf } from '../context/known.ts'
import { HEARTBEAT_EVERY_SECONDS, type Stamp, shownAgain, type Told, toldAfter } from '../host.ts'

/** A hook that has asked for this long, in milliseconds, was ended: what it told its agent isn't known. */
const ASKS_AT_MOST_MS = 3_000

/**
 * Stores when a session last sent a heartbeat, as two files whose times `bin/presence-hook` compares before
 * Node starts. The time of `.beat` is that of the last heartbeat, the time of `.due` is that of the next.
 * Both are in a folder that only this user may use.
 */
export class FileStamp implements Stamp {
  readonly #path: (part: (typeof SESSION_PARTS)[number]) => string
  readonly #isAwaited: () => boolean
  readonly #sessionId: string
  #taken: boolean
  /** What this hook wrote in place of what the agent knows. */
  #asks: string | undefined
  #reader = ''

  /**
   * @param state the user's folder for presence's state
   * @param taken the launcher holds the lock already
   * @param isAwaited false once the hook has printed another answer, because then the agent is told nothing more
   */
  constructor(
    state: string,
    sessionId: string,
    { taken = false, isAwaited = () => true }: { taken?: boolean; isAwaited?: () => boolean } = {},
  ) {
    this.#taken = taken
    this.#isAwaited = isAwaited
    this.#sessionId = sessionId
    this.#path = part => sessionFile(state, sessionId, part)
  }

  /**
   * True if a heartbeat is due, if it can't be determined whether one is, or if the clock was set back to
   * before the last one.
   */
  isDue(now: Date): boolean {
    const beat = this.#time('beat')
    return (
      beat === undefined || beat > now.getTime() || now.getTime() - beat >= HEARTBEAT_EVERY_SECONDS * 1_000
    )
  }

  beat(now: Date): void {
    makeFolder(dirname(this.#path('beat')))
    writeFileSync(this.#path('beat'), '', { mode: 0o600 })
    // The launcher skips only hooks of this process: another one of the agent may have inherited its variables.
    writeFileSync(this.#path('due'), `${agentPid()}\n`, { mode: 0o600 })
    utimesSync(this.#path('beat'), now, now)
    const due = new Date(now.getTime() + HEARTBEAT_EVERY_SECONDS * 1_000)
    utimesSync(this.#path('due'), due, due)
  }

  makeDue(): void {
    for (const part of ['beat', 'due'] as const)
      if (this.#time(part) !== undefined) utimesSync(this.#path(part), 0, 0)
  }

  told(): ReadonlySet<string> {
    return this.#read().keys
  }

  tell(asOf: Date, keys: readonly string[]): void {
    if (!this.#isAwaited()) return
    const before = this.#read()
    const told = toldAfter(before, asOf, keys)
    if (told.keys.size === before.keys.size && [...told.keys].every(key => before.keys.has(key))) return
    makeFolder(dirname(this.#path('told')))
    const lines = [String(told.asOf), ...told.keys]
    // In one step: another hook that read half of it would tell the rest again.
    replaceFile(this.#path('told'), lines.map(line => `${line}\n`).join(''), { mode: 0o600 })
  }

  #read(): Told {
    try {
      const [asOf, ...keys] = (ownText(this.#path('told')) ?? '').split('\n')
      return { asOf: Number(asOf) || 0, keys: new Set(keys.filter(Boolean)) }
    } catch {
      return { asOf: 0, keys: new Set() }
    }
  }

  shown(): ReadonlyMap<string, number> {
    try {
      const lines = (ownText(this.#path('shown')) ?? '').split('\n').filter(Boolean)
      return new Map(lines.map(line => [line.slice(line.indexOf(' ') + 1), Number.parseInt(line, 10)]))
    } catch {
      return new Map()
    }
  }

  show(ids: readonly string[]): void {
    if (ids.length === 0 || !this.#isAwaited()) return
    const shown = shownAgain(this.shown(), ids)
    makeFolder(dirname(this.#path('shown')))
    writeFileSync(this.#path('shown'), [...shown].map(([id, times]) => `${times} ${id}\n`).join(''), {
      mode: 0o600,
    })
  }

  recall(reader: string): Recalled | undefined {
    const file = this.#path('board')
    this.#reader = reader
    try {
      const found = ownText(file)
      const now = Date.now()
      this.#asks = JSON.stringify({ asks: `${process.pid}.${Math.random()}`, at: now })
      makeFolder(dirname(file))
      replaceFile(file, this.#asks, { mode: 0o600 })
      return recalledIn(found, this.#sessionId, reader) ?? endedAsking(found, now)
    } catch {
      // What the agent is told now couldn't be recorded either, so it is told everything.
      return undefined
    }
  }

  keep(knows: Recalled): void {
    if (!this.#isAwaited()) return
    const file = this.#path('board')
    // Another hook has told the agent something meanwhile: together they told it everything, but nobody knows what
    // the one and the other. So it is told everything once more.
    if (this.#asks === undefined || ownText(file) !== this.#asks) remove(file)
    else replaceFile(file, textOf(knows, this.#sessionId, this.#reader), { mode: 0o600 })
  }

  /** The lock is a file that only one caller can create; bin/presence-hook creates the same file. */
  take(): boolean {
    if (this.#taken) return true
    try {
      makeFolder(dirname(this.#path('beat')))
      writeFileSync(this.#path('lock'), '', { flag: 'wx', mode: 0o600 })
      this.#taken = true
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true
      if (!this.#isAbandoned()) return false
      // A lock that can't be removed keeps nobody from sending a heartbeat.
      return remove(this.#path('lock')) ? this.take() : true
    }
  }

  /** Gives the lock back if this process holds it; the lock of another process is not touched. */
  unlock(): void {
    if (!this.#taken) return
    remove(this.#path('lock'))
    this.#taken = false
  }

  /** A hook lives for a few seconds at most: an older lock was left by a hook that was killed. */
  #isAbandoned(): boolean {
    const taken = this.#time('lock')
    return taken === undefined || Math.abs(Date.now() - taken) > 60_000
  }

  #time(part: 'beat' | 'due' | 'lock'): number | undefined {
    try {
      return statSync(this.#path(part)).mtimeMs
    } catch {
      return undefined
    }
  }
}

/** Since when the agent has known nothing, if the hook that asked before was ended before it got an answer. */
function endedAsking(found: string | undefined, now: number): Recalled | undefined {
  const { asks, at } = objectIn(found ?? '') ?? {}
  return asks !== undefined && typeof at === 'number' && Math.abs(now - at) > ASKS_AT_MOST_MS
    ? { unknownSince: at }
    : undefined
}

/** The agent's process, which the shells between it and this hook name: see bin/presence-hook. */
function agentPid(): string | number {
  return process.env['PRESENCE_HOOK_PPID'] || process.ppid
}

/** Deletes every file that is stored for a session. */
export function forgetSession(state: string, sessionId: string): void {
  for (const part of SESSION_PARTS) remove(sessionFile(state, sessionId, part))
}

/** A file that can't be removed may cost a heartbeat, but never the answer. Returns false for such a file. */
function remove(path: string): boolean {
  try {
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}
