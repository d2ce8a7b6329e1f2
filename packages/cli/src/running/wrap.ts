import { type Board, openBoard } from '@presence/core'
import { isUsageFault, openOptions, printFault, printRefusal, printWarning } from '../answer.ts'
import { holdingsChanged } from '../changed.ts'
import { EXIT } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { duration } from '../ui/time.ts'
import { start, statusOf } from './command.ts'
import { endFamily } from './ending.ts'
import { type Before, beforeOf, type Holdings } from './holdings.ts'
import { Leases } from './leases.ts'
import type { Order } from './order.ts'
import { sayOn } from './say.ts'
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
 * command's.
 */
export async function wrap(order: Order, globals: Globals, io: Io): Promise<number> {
  const signals = new Signals(sayOn(io))
  try {
    await using board = await openBoard(openOptions(globals, io))
    const before = await beforeOn(board, order, globals)
    // G7: a server that hangs is waited for only once.
    await using hurried = before
      ? undefined
      : await openBoard({ ...openOptions(globals, io), deadlineMs: AWAY_MS })
    const loss = new AbortController()
    const holdings = order.exclusive
      ? new Leases(board, { order, onLoss: () => loss.abort() }, io)
      : new SharedClaims(
          board,
          {
            order,
            claiming: hurried ?? board,
            before: before ?? new Map(),
            onFault: warnOnce(globals, io),
          },
          io,
        )
    const run = { order, globals, io, signals, lost: loss.signal }
    try {
      return (await refusedIn(holdings, run)) ?? (await commandIn(holdings, board, run))
    } finally {
      await holdings.release()
      holdingsChanged(io)
    }
  } catch (error) {
    return printFault(error, globals, io, order.exclusive)
  }
}

interface Run {
  readonly order: Order
  readonly globals: Globals
  readonly io: Io
  readonly signals: Signals
  /** Aborts when a lease is lost. */
  readonly lost: AbortSignal
}

/**
 * The claims that this session holds already; undefined if the board doesn't answer and the run continues
 * anyway.
 */
async function beforeOn(
  board: Board,
  order: Order,
  { strict = false }: Globals,
): Promise<Before | undefined> {
  try {
    const listed = await board.list({ mine: true })
    return beforeOf(listed.ok ? listed.claims : [])
  } catch (error) {
    if (order.exclusive || strict) throw error
    return undefined
  }
}

/**
 * Warns about the first fault of advisory claims, and the run continues. Throws if `--strict` is given or the
 * caller can correct the fault.
 */
function warnOnce(globals: Globals, io: Io): (error: unknown) => void {
  let warned = false
  return error => {
    if (globals.strict || isUsageFault(error)) throw error
    if (!warned) printWarning(error, globals, io)
    warned = true
  }
}

/**
 * Takes all the labels.
 * @returns the exit status if the command must not run
 */
async function refusedIn(holdings: Holdings, run: Run): Promise<number | undefined> {
  const { order, globals, io, signals, lost } = run
  const { interruption } = signals
  const wait = new Wait(order.waitMs, AbortSignal.any([interruption, lost]), sayOn(io))
  const refused = await takeAll(holdings, order.labels, wait)
  if (interruption.aborted) return statusOf(interruption.reason)
  if (!refused && !lost.aborted) return undefined
  const status = refused ? printRefusal(refused.refusal, globals, io) : EXIT.refused
  if (status === EXIT.refused) sayOn(io)('the command was not run')
  return status
}

async function commandIn(holdings: Holdings, board: Board, run: Run): Promise<number> {
  const { order, globals, io, signals, lost } = run
  const say = sayOn(io)
  holdingsChanged(io)
  const env = { ...environmentOf(io.env, globals.dsn), PRESENCE_SESSION_ID: board.session.id }
  const command = start(order.command, order.args, { ...env, ...holdings.env(env) })
  const { process: child } = command
  if (child) signals.passTo(child)
  let ending: Promise<readonly number[]> | undefined
  lost.addEventListener('abort', () => {
    if (!order.killOnLoss) return say('the command is still running: stop it, and check what is half done')
    say(`ending the command; processes that still run after ${duration(order.killAfterMs)} are killed`)
    if (child?.pid !== undefined) ending ??= endFamily(child.pid, order.killAfterMs)
  })
  const { status, failure } = await command.ended
  if (failure !== undefined) say(failure)
  if (!ending) return status
  const left = await ending
  if (left.length > 0) say(`warning: these processes could not be killed: ${left.join(', ')}`)
  return EXIT.refused
}
