import {
  type Board,
  type FaultCode,
  isFault,
  LABEL_LENGTH_MAX,
  openBoard,
  PresenceError,
  type Refusal,
  type Refused,
} from '@presence/core'
import { agentAround, cutTo, forAgent, moment, needsFix, oneLine } from '@presence/core/internal'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { callMs, openOptions, queueFor } from './opening.ts'
import { fold } from './ui/fold.ts'
import { type Asked, faultHint, refusalHint } from './ui/hints.ts'
import { holderList } from './ui/holder.ts'
import { claimsJson, toJson } from './ui/json.ts'
import { coClaimNotes } from './ui/notes.ts'
import { hintFor } from './ui/own-terminal.ts'
import { withWholeSession } from './whole-session.ts'

/** The result of a verb. */
export interface Answer {
  /** The answer for people, one entry per line. */
  readonly lines: readonly string[]
  /** The same answer for programs. */
  readonly json: unknown
  /** Notes that are not part of the answer, printed on standard error. */
  readonly notes?: readonly string[]
}

/** What a command says if it got no answer, or was refused. */
export interface Saying extends Asked {
  /** The labels that it claims. If they are not on the board, this is said before anything else. */
  readonly claims?: readonly string[]
  /**
   * The text that an advisory verb prints if its change was not made and not queued, such as `nothing was
   * resolved`.
   */
  readonly undone?: string
  /**
   * True if the fault is not one of the board. That other files can't be written is then a failure, and not a
   * setting of the board that has to be fixed.
   */
  readonly isBeside?: boolean
}

interface AnswerOptions extends Saying {
  /**
   * True for a verb that promises something, such as an exclusive claim: if the board doesn't answer, it
   * fails.
   */
  readonly promises?: boolean
  /**
   * `true`: calls that can't be delivered go to the outbox, and the outbox is delivered before this call.
   * `'deliver'`: the outbox is delivered, but this call is never queued. `false`: neither.
   */
  readonly outbox?: boolean | 'deliver'
}

/**
 * Opens the board, asks it, and prints the answer. If the board doesn't answer, an advisory verb warns and
 * exits 0 (3 with `--strict`); a verb that promises something never fails open and exits 3 (G7).
 */
export async function answer(
  given: Globals,
  io: Io,
  ask: (board: Board) => Promise<Answer | Refused>,
  { promises = false, outbox = queueFor(given), ...saying }: AnswerOptions = {},
): Promise<ExitStatus> {
  // Said after the answer, because the first line must tell that a claim was not made.
  const notes: string[] = []
  let globals = given
  try {
    globals = await withWholeSession(given, io)
    const options = { ...openOptions(globals, io, line => notes.push(line)), outbox, deadlineMs: callMs() }
    await using board = await openBoard(options)
    const said = await ask(board)
    return 'refusal' in said ? printRefusal(said.refusal, globals, io, saying) : print(said, globals, io)
  } catch (error) {
    return printFault(error, globals, io, promises, saying)
  } finally {
    for (const note of notes) io.err(note)
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
export function printRefusal(refusal: Refusal, globals: Globals, io: Io, saying: Saying = {}): ExitStatus {
  const { code } = refusal
  const { json = false } = globals
  const message = oneLine(refusal.message)
  const hint = hintFor(refusal, refusalHint(refusal, saying), globals, io)
  if (json) io.out(toJson({ error: { code, message, remedy: hint, ...detailsOf(refusal) } }))
  io.err(`presence: ${notClaimed(saying) ?? ''}${message}`)
  if ('holders' in refusal) {
    if (code === 'held') for (const line of holderList(refusal.holders, refusal.asOf, io)) io.err(line)
    for (const note of coClaimNotes(refusal.coClaims, refusal.asOf)) io.err(`presence: note: ${note}`)
  }
  io.err(`presence: hint: ${hint}`)
  return 'holders' in refusal || 'id' in refusal ? EXIT.refused : EXIT.usage
}

/** A mistake in the command line that the parser doesn't find. It exits 2. */
export function printUsage(
  { message, remedy }: Readonly<Record<'message' | 'remedy', string>>,
  { json = false }: Globals,
  io: Io,
  saying: Saying,
): ExitStatus {
  if (json) io.out(toJson({ error: { code: 'usage', message, remedy } }))
  io.err(`presence: ${notClaimed(saying) ?? ''}${message}`)
  io.err(`presence: hint: ${remedy}`)
  return EXIT.usage
}

/** The first words about a claim that is not on the board. */
export function notClaimed({ claims = [] }: Saying): string | undefined {
  const labels = claims.map(label => oneLine(cutTo(label, LABEL_LENGTH_MAX)))
  return labels.length === 0 ? undefined : `NOT claimed ${labels.join(', ')}: `
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

/**
 * True if the fault is in the command's own arguments. A command that runs another one refuses those, and runs it in
 * spite of any other fault (G7).
 */
export function isOfArguments(error: unknown, { dsn, session }: Globals): boolean {
  if (!isFault(error)) return false
  if (error.code === 'invalid_dsn') return dsn !== undefined
  return error.code === 'invalid_label' || (error.code === 'invalid_session' && session !== undefined)
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
 * A fault is never printed as an empty answer (G6): the text says since when the board has been unknown. A
 * verb that promises something fails; an advisory verb only warns, unless `--strict` is given (G7). If
 * somebody has to fix something first, both fail.
 */
export function printFault(
  error: unknown,
  globals: Globals,
  io: Io,
  promises = false,
  saying: Saying = {},
): ExitStatus {
  const fault = faultOf(error)
  const status = statusOf(fault, globals, promises, saying)
  tell(fault, globals, io, { ...saying, fails: status !== EXIT.done, promises })
  return status
}

/** As {@link printFault}, for a command that continues without the board. */
export function printWarning(error: unknown, globals: Globals, io: Io, saying: Saying = {}): void {
  tell(faultOf(error), globals, io, { ...saying, fails: false, promises: false })
}

/** What other files than the board's may fail with. */
const OF_FILES: ReadonlySet<FaultCode> = new Set(['full', 'not_writable', 'read_only'])

function statusOf(
  fault: PresenceError,
  { strict = false }: Globals,
  promises: boolean,
  { isBeside = false }: Saying,
): ExitStatus {
  if (needsFix(fault) && !(isBeside && OF_FILES.has(fault.code))) return EXIT.usage
  return strict || promises ? EXIT.fault : EXIT.done
}

interface Telling extends Saying {
  /** Whether the command fails because of the fault. */
  readonly fails: boolean
  readonly promises: boolean
}

function tell(given: PresenceError, { json = false }: Globals, io: Io, telling: Telling): void {
  // An agent must not give trust itself, so it reads another remedy than a person.
  const fault = given.code === 'untrusted' && agentAround(io.env) !== undefined ? forAgent(given) : given
  const { code, since, queued } = fault
  const { undone, promises, fails } = telling
  const [message, hint] = [oneLine(fault.message), faultHint(fault)]
  const usage = isUsageFault(fault)
  const advisory = !usage && !promises
  // A fault that stays until somebody corrects it didn't begin now.
  const mayAnswer = !needsFix(fault)
  if (json) {
    const told = advisory ? { ...(mayAnswer ? { unknown_since: since } : {}), queued } : {}
    io.out(toJson({ error: { code, message, remedy: hint, ...told } }))
  }
  const say = (line: string) => io.err(`presence: ${line}`)
  const kind = usage ? '' : fails ? 'error: ' : 'warning: '
  say(`${notClaimed(telling) ?? kind}${message}`)
  if (undone !== undefined && !queued) say(undone)
  if (advisory && mayAnswer && isOfBoard(fault))
    say(`the state of the board has been unknown since ${moment(since)}`)
  say(`hint: ${hint}`)
}

/** A bug in presence must not stop anybody from working: it becomes an ordinary fault. */
export function faultOf(error: unknown): PresenceError {
  if (isFault(error)) return error
  const message = `presence failed: ${error instanceof Error ? error.message : String(error)}`
  return new PresenceError('unexpected', message, 'report it with this message', { cause: error })
}
