import { openBoard } from '@presence/core'
import type { Present } from '@presence/worktree'
import { faultOf } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { callMs, openOptions } from '../opening.ts'

const OF_BOARD = new WeakSet<Error>()

/** True for a fault that the board failed with here. Anything else is a fault of git or of the working files. */
export function isOfBoard(error: unknown): boolean {
  return error instanceof Error && OF_BOARD.has(error)
}

/** Asks the board which sessions there are. If it doesn't answer, that is an answer too. */
export async function askWho(globals: Globals, io: Io): Promise<Present> {
  try {
    await using board = await openBoard({ ...openOptions(globals, io), deadlineMs: callMs() })
    const { sessions, asOf } = await board.who()
    return { known: true, sessions, asOf, me: board.session }
  } catch (error) {
    const fault = faultOf(error)
    OF_BOARD.add(fault)
    return { known: false, fault }
  }
}
