import { openBoard } from '@presence/core'
import type { Present } from '@presence/worktree'
import { callMs, faultOf, openOptions } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

/** Asks the board which sessions there are. If it doesn't answer, that is an answer too. */
export async function askWho(globals: Globals, io: Io): Promise<Present> {
  try {
    await using board = await openBoard({ ...openOptions(globals, io), deadlineMs: callMs() })
    const { sessions, asOf } = await board.who()
    return { known: true, sessions, asOf, me: board.session }
  } catch (error) {
    return { known: false, fault: faultOf(error) }
  }
}
