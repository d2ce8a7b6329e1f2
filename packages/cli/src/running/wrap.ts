import { type Board, openBoard, type Refusal } from '@presence/core'
import { parseExclusiveTtl, parsePurpose, parseTtl, refusalOfNew, runExports } from '@presence/core/internal'
import { isOfArguments, printFault, printRefusal, printWarning } from '../answer.ts'
import { holdingsChanged } from '../changed.ts'
import { EXIT } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { openOptions } from '../opening.ts'
import { duration } from '../ui/time.ts'
import { withWholeSession } from '../whole-session.ts'
import { type Command, start, statusOf } from './command.ts'
import { endFamily } from './ending.ts'
import { type Before, beforeOf, type Holdings } from './holdings.ts'
import { LateNotes } from './late-notes.ts'
import { Leases } from './leases.ts'
import type { Order } from './order.ts'
import { messageOf, sayOn } from './say.ts'
import { SharedClaims } from './shared.ts'
import { Signals } from './signals.ts'
import { environmentOf } from './tokens.ts'
import { takeAll, Wait } from './waiting.ts'

/**
 * How long a call may take on a board that has just failed to answer, in milliseconds: enough to queue the
 * call.
 */
const AWAY_MS = 300

/**
 * Claims, runs a command while the claims are kept alive, and releases them. The exit status is the
 * command's. If anything fails in presence, the command is run without claims, unless it was to hold something
 * exclusively or with `--strict` (G7).
 */
export async function wrap(order: Order, globals: Globals, io: Io): Promise<number> {
  // With --guard: a command that changes nothing needs no board.
  if (order.labels.length === 0) return commandWithout(new Run(order, globals, io, new Signals(sayOn(io))))
  const wrong = wrongArgument(order)
  if (wrong) return printRefusal(wrong, globals, io, { claims: order.labels })
  const say = sayOn(io)
  // An error that nothing waits for would end this process, while its command is still running.
  process.on('uncaughtException', error => say(`warning: presence failed: ${messageOf(error)}`))
  const run = new Run(order, globals, io, new Signals(say))
  try {
    await withClaims(run, (holdings, sessionId) => commandUnder(holdings, sessionId, run))
  } catch (error) {
    if (run.status !== undefined) say(`warning: ${messageOf(error)}`)
    else if (mustHold(order, globals) || isOfArguments(error, globals))
      run.status = printFault(error, globals, io, order.exclusive, { claims: order.labels })
    else printWarning(error, globals, io, { claims: order.labels })
  }
  run.notes.tell()
  return run.status ?? (await commandWithout(run))
}

/** One run: what was asked for, and how far it is. */
class Run {
  readonly order: Order
  readonly globals: Globals
  readonly io: Io
  readonly signals: Signals
  /** What is said once the claims are made, or not. */
  readonly notes: LateNotes
  /** Fires when a lease is lost. */
  readonly loss = new AbortController()
  /** The command, once it was started: it is never started twice. */
  command: Command | undefined
  /** The exit status, once it is known. */
  status: number | undefined

  constructor(order: Order, globals: Globals, io: Io, signals: Signals) {
    this.order = order
    this.globals = globals
    this.io = io
    this.signals = signals
    this.notes = new LateNotes(io)
  }
}

/** Checked here too, because a board that can't be used refuses nothing. */
function wrongArgument({ purpose, ttl, exclusive }: Order): Refusal | undefined {
  const checked = [parsePurpose(purpose), (exclusive ? parseExclusiveTtl : parseTtl)(ttl)]
  return checked.flatMap(each => (each.ok ? [] : [each.refusal]))[0]
}

/** Whether the command may run only under its claims. */
function mustHold({ exclusive }: Order, { strict = false }: Globals): boolean {
  return exclusive || strict
}

/** Opens the board, takes all the labels, and gives them back after `use`. */
async function withClaims(
  run: Run,
  use: (holdings: Holdings, sessionId: string) => Promise<void>,
): Promise<void> {
  const { order, globals, notes } = run
  const options = openOptions(await withWholeSession(globals, run.io), run.io, notes.once)
  await using board = await openBoard(options)
  const before = await beforeOn(board, run)
  // G7: a server that hangs is waited for only once.
  await using hurried = before ? undefined : await openBoard({ ...options, deadlineMs: AWAY_MS })
  const faults: Fault[] = []
  const onFault = (label: string, error: unknown) => {
    if (mustHold(order, globals) || isOfArguments(error, globals)) throw error
    faults.push({ label, error })
  }
  const holdings = order.exclusive
    ? new Leases(board, { order, onLoss: () => run.loss.abort() }, notes.io)
    : new SharedClaims(
        board,
        { order, claiming: hurried ?? board, before: before ?? new Map(), onFault },
        notes.io,
      )
  try {
    run.status = await refusedIn(hurried ?? board, holdings, run)
    tellFaults(faults, run)
    notes.tell()
    if (run.status === undefined) await use(holdings, board.session.id)
  } finally {
    await holdings.release()
    holdingsChanged(run.io)
  }
}

interface Fault {
  readonly label: string
  readonly error: unknown
}

/** Labels with the same fault are named together. */
function tellFaults(faults: readonly Fault[], { globals, io }: Run): void {
  const same = Map.groupBy(faults, ({ error }) => messageOf(error))
  for (const each of same.values())
    printWarning(each[0]?.error, globals, io, { claims: each.map(({ label }) => label) })
}

/**
 * The claims that this session holds already; undefined if the board doesn't answer and the run continues
 * anyway.
 */
async function beforeOn(board: Board, { order, globals }: Run): Promise<Before | undefined> {
  try {
    const listed = await board.list({ mine: true })
    return beforeOf(listed.ok ? listed.claims : [])
  } catch (error) {
    if (mustHold(order, globals)) throw error
    return undefined
  }
}

/**
 * Takes all the labels.
 * @returns the exit status if the command must not run
 */
async function refusedIn(board: Board, holdings: Holdings, run: Run): Promise<number | undefined> {
  const { order, globals, io, signals, loss } = run
  const blank = await refusalOfNew(board, order.labels)
  if (blank) return printRefusal(blank.refusal, globals, io, { claims: order.labels })
  const { interruption } = signals
  const wait = new Wait(order.waitMs, AbortSignal.any([interruption, loss.signal]), sayOn(io))
  const refused = await takeAll(holdings, order.labels, wait)
  if (interruption.aborted) return statusOf(interruption.reason)
  if (!refused && !loss.signal.aborted) return undefined
  const status = refused
    ? printRefusal(refused.refusal, globals, io, {
        claims: order.labels,
        wait: order.wait,
        me: board.session.id,
      })
    : EXIT.refused
  if (status === EXIT.refused) sayOn(io)('the command was not run')
  return status
}

/** Runs the command while it holds the claims. */
async function commandUnder(holdings: Holdings, sessionId: string, run: Run): Promise<void> {
  const { order, globals, io, loss } = run
  const say = sayOn(io)
  holdingsChanged(io)
  const env = { ...environmentOf(io.env, globals.dsn), ...runExports(sessionId, io.env) }
  const { process: child, ended } = begin(run, { ...env, ...holdings.env(env) })
  let ending: Promise<readonly number[]> | undefined
  loss.signal.addEventListener('abort', () => {
    if (!order.killOnLoss) return say('the command is still running: stop it, and check what is half done')
    say(`ending the command; processes that still run after ${duration(order.killAfterMs)} are killed`)
    if (child?.pid !== undefined) ending ??= endFamily(child.pid, order.killAfterMs)
  })
  run.status = await statusIn(ended, io)
  if (!ending) return
  run.status = EXIT.refused
  const left = await ending
  if (left.length > 0) say(`warning: these processes could not be killed: ${left.join(', ')}`)
}

/** The status of the command, which holds nothing; it may have been started already. */
async function commandWithout(run: Run): Promise<number> {
  const { interruption } = run.signals
  if (!run.command && interruption.aborted) return statusOf(interruption.reason)
  const { ended } = run.command ?? begin(run, environmentOf(run.io.env, run.globals.dsn))
  return statusIn(ended, run.io)
}

function begin(run: Run, env: NodeJS.ProcessEnv): Command {
  const command = start(run.order.command, run.order.args, env)
  run.command = command
  if (command.process) run.signals.passTo(command.process)
  return command
}

async function statusIn(ended: Command['ended'], io: Io): Promise<number> {
  const { status, failure } = await ended
  if (failure !== undefined) sayOn(io)(failure)
  return status
}
