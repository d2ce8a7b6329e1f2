import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Board, Replayed } from '@presence/core'
import { checkoutTop } from '@presence/core/internal'
import manifest from '../../package.json' with { type: 'json' }
import { answer, besideBoard } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { boardOptions, callMs } from '../opening.ts'
import { coordJson, coordNotes } from '../ui/coord-replay.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { replayNotes, WITHHELD } from '../ui/replay.ts'

export const syncCommand: AddCommand = (program, io, done) =>
  program
    .command('sync')
    .summary('deliver the calls in the outbox')
    .description(
      "Deliver the calls that went to the outbox while the board could not be reached, in order and with their original times. Then deliver the calls in the project's .claude/coord-queue.jsonl, where programs that use /api/coord write the calls that failed.",
    )
    .addHelpText('after', '\nExample: presence sync')
    .option(
      '--retry-dead-letters',
      'first put the dead letters into the outbox again: calls that could not be read, or were refused',
    )
    .action((_, command) => done(sync(command.optsWithGlobals(), io)))

function sync(globals: Globals & { readonly retryDeadLetters?: true }, io: Io) {
  const ask = async (board: Board) => {
    const delivered = await deliverAll(board, io, globals.retryDeadLetters)
    const { done, dropped, damaged, reasons = [], left, withheld = 0 } = delivered
    const coord = left > 0 ? undefined : await deliverCoord(globals, io)
    const said = left > 0 ? undefined : await board.list({ mine: true })
    const lines = [...replayNotes(delivered, globals.retryDeadLetters), ...(coord ? coordNotes(coord) : [])]
    return {
      lines: lines.length === 0 ? ['presence: the outbox is empty'] : lines.map(line => `presence: ${line}`),
      json: {
        delivered: done,
        dropped: dropped.map(({ label, sessionId, saidAt }) => ({
          resource_label: label,
          session_id: sessionId,
          said_at: saidAt,
        })),
        damaged,
        reasons,
        left,
        withheld,
        withheld_because: withheld > 0 ? WITHHELD : null,
        ...(coord ? { coord: coordJson(coord) } : {}),
      },
      // Others may have claimed the same labels while these calls were in the outbox. Such co-claims are
      // found only now, and both sides are told.
      notes: said?.ok ? coClaimNotes(said.coClaims, said.asOf) : [],
    }
  }
  // `sync` is about the outbox, so `--strict` doesn't turn it off.
  return answer(globals, io, ask, { outbox: true })
}

/** The outbox file, and past files, which a client may still write to (`taken`: by an earlier version). */
const QUEUE = /^coord-queue(\.taken|\.past-[\d-]+)?\.jsonl$/

/**
 * Delivers the calls that a client of the coordination API could not make. The server's routes are loaded
 * only if there are such calls.
 */
async function deliverCoord(globals: Globals, io: Io) {
  const folder = join(checkoutTop(io.cwd) ?? io.cwd, '.claude')
  if (!namesIn(folder).some(name => QUEUE.test(name))) return undefined
  const { syncCoordOutbox } = await import('@presence/server')
  const options = boardOptions(globals, io)
  // A board that doesn't answer is no fault here: the calls stay in the file.
  return besideBoard(
    syncCoordOutbox({
      ...options,
      env: io.env,
      cwd: io.cwd,
      version: manifest.version,
      deadlineMs: callMs(),
    }),
  )
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/**
 * Delivers a long outbox in several calls, each with its own deadline, as long as each call makes progress.
 */
async function deliverAll(board: Board, io: Io, retryDeadLetters = false): Promise<Replayed> {
  let total = await board.sync({ retryDeadLetters })
  for (let moved = total.done + total.dropped.length > 0; moved && total.left > 0; ) {
    io.progress(`presence: delivered ${total.done}, ${total.left} to go`)
    const next = await board.sync()
    moved = next.left < total.left
    total = {
      done: total.done + next.done,
      dropped: [...total.dropped, ...next.dropped],
      damaged: [...total.damaged, ...next.damaged],
      reasons: [...(total.reasons ?? []), ...(next.reasons ?? [])],
      left: next.left,
      ...(next.withheld === undefined ? {} : { withheld: next.withheld }),
    }
  }
  io.progress('')
  return total
}
