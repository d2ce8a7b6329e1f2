import {
  type Board,
  isFault,
  type OpenOptions,
  openBoard,
  PresenceError,
  type Refusal,
  type Refused,
} from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { fold } from './ui/fold.ts'
import { holderList } from './ui/holder.ts'
import { claimsJson, toJson } from './ui/json.ts'
import { coClaimNotes } from './ui/notes.ts'
import { replayNotes } from './ui/replay.ts'

/** The result of a verb. */
export interface Answer {
  /** The answer for people, one entry per line. */
  readonly lines: readonly string[]
  /** The same answer for programs. */
  readonly json: unknown
  /** Notes that are not part of the answer, printed on standard error. */
  readonly notes?: readonly string[]
}

interface AnswerOptions {
  /**
   * True for a verb that promises something, such as an exclusive claim: if the board doesn't answer, it
   * fails.
   */
  readonly promises?: boolean
  /**
   * The text that an advisory verb prints if its change was not made and not queued, such as `nothing was
   * resolved`.
   */
  readonly undone?: string
  /**
   * `true`: calls that can't be delivered go to the outbox, and the outbox is delivered before this call.
   * `'deliver'`: the outbox is delivered, but this call is never queued. `false`: neither.
   */
  readonly outbox?: boolean | 'deliver'
}

/**
 * How long a call may wait for the board, in milliseconds. With start-up, pruning and exit, an answer comes
 * within 3 s (G7).
 */
const CALL_MS = 2_200

export function callMs(): number {
  return CALL_MS
}

/**
 * Opens the board, asks it, and prints the answer. If the board doesn't answer, an advisory verb warns and
 * exits 0 (3 with `--strict`); a verb that promises something never fails open and exits 3 (G7).
 */
export async function answer(
  globals: Globals,
  io: Io,
  ask: (board: Board) => Promise<Answer | Refused>,
  { promises = false, undone, outbox = queueFor(globals) }: AnswerOptions = {},
): Promise<ExitStatus> {
  try {
    await using board = await openBoard({ ...openOptions(globals, io), outbox, deadlineMs: callMs() })
    const said = await ask(board)
    return 'refusal' in said ? printRefusal(said.refusal, globals, io) : print(said, globals, io)
  } catch (error) {
    return printFault(error, globals, io, promises, undone)
  }
}

/**
 * With `--strict`, a call that can't be delivered is an error and is not queued. The outbox is still
 * delivered first.
 */
function queueFor({ strict }: Globals): boolean | 'deliver' {
  return strict ? 'deliver' : true
}

/** The options that say which board and which session, and how the result of a replay is printed. */
export function openOptions(globals: Globals, io: Io): OpenOptions {
  return {
    ...boardOptions(globals, io),
    outbox: queueFor(globals),
    onReplay: replayed => {
      for (const note of replayNotes(replayed)) io.err(`presence: note: ${note}`)
    },
    onTrouble: fault => {
      io.err(`presence: note: ${oneLine(fault.message)}`)
      io.err(`presence: hint: ${oneLine(fault.remedy)}`)
    },
  }
}

/** The options that say which board and which session. */
export function boardOptions({ dsn, session }: Globals, io: Io): OpenOptions {
  return {
    env: io.env,
    cwd: io.cwd,
    ...(dsn === undefined ? {} : { dsn }),
    ...(session === undefined ? {} : { session }),
  }
}

export function print(
  { lines, json, notes = [] }: Answer,
  { json: asJson = false }: Globals,
  io: Io,
): ExitStatus {
  if (asJson) io.out(toJson(json))
  else io.page(lines.flatMap(line => fold(line, io.width).split('\n')))
  for (const note of notes) io.err(`presence: note: ${note}`)
  return EXIT.done
}

/** Bad input, which the caller must correct, exits 2. A refusal because of the state of the board exits 1. */
export function printRefusal(refusal: Refusal, { json = false }: Globals, io: Io): ExitStatus {
  const { code } = refusal
  const [message, remedy] = [oneLine(refusal.message), oneLine(refusal.remedy)]
  if (json) io.out(toJson({ error: { code, message, remedy, ...detailsOf(refusal) } }))
  io.err(`presence: ${message}`)
  io.err(`presence: hint: ${remedy}`)
  if ('id' in refusal) return EXIT.refused
  if (!('holders' in refusal)) return EXIT.usage
  if (refusal.code === 'held') for (const line of holderList(refusal.holders, refusal.asOf, io)) io.err(line)
  for (const note of coClaimNotes(refusal.coClaims, refusal.asOf)) io.err(`presence: note: ${note}`)
  return EXIT.refused
}

function detailsOf(refusal: Refusal) {
  if ('holders' in refusal) return { holders: claimsJson(refusal.holders, { asOf: refusal.asOf }) }
  if (!('id' in refusal)) return {}
  if (refusal.code !== 'not_moved') return { id: refusal.id }
  const { id, from, to, by, allowed } = refusal
  return { id, from, to, by, allowed }
}

const USAGE_FAULTS: readonly string[] = ['invalid_dsn', 'invalid_config', 'invalid_session', 'invalid_label']

/** True if the caller can correct the fault, for example a bad DSN or a bad label. */
export function isUsageFault(error: unknown): boolean {
  return isFault(error) && USAGE_FAULTS.includes(error.code)
}

const BESIDE_BOARD = new WeakSet<PresenceError>()

/** Marks the faults of work on local files: they say nothing about the state of the board. */
export async function besideBoard<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (isFault(error)) BESIDE_BOARD.add(error)
    throw error
  }
}

/** False if the board answered (it rejected the call), or was not asked. */
function isOfBoard(fault: PresenceError): boolean {
  return fault.code !== 'rejected' && !BESIDE_BOARD.has(fault)
}

/**
 * The board or its server is of a version that this presence can't use. It stays so until somebody updates
 * one of them: a call is not queued, and later calls don't succeed either.
 */
const VERSION_FAULTS: readonly string[] = [
  'schema_missing',
  'schema_older',
  'schema_newer',
  'server_older',
  'server_newer',
]

/**
 * A fault is never printed as an empty answer (G6): the text says since when the board has been unknown. A
 * verb that promises something fails; an advisory verb only warns, unless `--strict` is given (G7). If
 * somebody has to fix something first, both fail.
 */
export function printFault(
  error: unknown,
  globals: Globals,
  io: Io,
  promises = false,
  undone?: string,
): ExitStatus {
  const fault = faultOf(error)
  const status = statusOf(fault, globals, promises)
  tell(fault, globals, io, { fails: status !== EXIT.done, promises, undone })
  return status
}

/** As {@link printFault}, for a command that continues without the board. */
export function printWarning(error: unknown, globals: Globals, io: Io): void {
  tell(faultOf(error), globals, io, { fails: false, promises: false })
}

function statusOf(fault: PresenceError, { strict = false }: Globals, promises: boolean): ExitStatus {
  if (isUsageFault(fault) || VERSION_FAULTS.includes(fault.code)) return EXIT.usage
  return strict || promises ? EXIT.fault : EXIT.done
}

interface Telling {
  /** Whether the command fails because of the fault. */
  readonly fails: boolean
  readonly promises: boolean
  readonly undone?: string | undefined
}

function tell(
  fault: PresenceError,
  { json = false }: Globals,
  io: Io,
  { fails, promises, undone }: Telling,
): void {
  const { code, since, queued } = fault
  const [message, remedy] = [oneLine(fault.message), oneLine(fault.remedy)]
  const usage = isUsageFault(fault)
  const advisory = !usage && !promises
  if (json)
    io.out(
      toJson({ error: { code, message, remedy, ...(advisory ? { unknown_since: since, queued } : {}) } }),
    )
  io.err(usage ? `presence: ${message}` : `presence: ${fails ? 'error' : 'warning'}: ${message}`)
  if (undone !== undefined && !queued) io.err(`presence: ${undone}`)
  if (advisory && isOfBoard(fault))
    io.err(`presence: the state of the board has been unknown since ${since.toISOString()}`)
  io.err(`presence: hint: ${remedy}`)
}

/** A bug in presence must not stop anybody from working: it becomes an ordinary fault. */
export function faultOf(error: unknown): PresenceError {
  if (isFault(error)) return error
  const message = `presence failed: ${error instanceof Error ? error.message : String(error)}`
  return new PresenceError('unexpected', message, 'report it with this message', { cause: error })
}
