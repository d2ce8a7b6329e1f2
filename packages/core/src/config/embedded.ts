import { join } from 'node:path'
import { PresenceError } from '../domain/fault.ts'
import { type Environment, isNowhere, noHome, stateFolder } from './folders.ts'
import { othersAt, writersOf } from './ownership.ts'

/** The embedded board's file, and what should be fixed there but prevents no call. */
interface Embedded {
  readonly path: string
  readonly troubles: readonly PresenceError[]
}

/**
 * Finds the embedded board. Another user's is refused, because that user could have written any claim into it.
 *
 * @throws PresenceError `invalid_config`
 */
export function embeddedBoard(env: Environment): Embedded {
  const folder = stateFolder(env)
  if (isNowhere(folder)) throw noHome('set HOME or XDG_STATE_HOME, or name the board: PRESENCE_DSN')
  const path = join(folder, 'board.db')
  const theirs = othersAt(folder) ?? othersAt(path)
  if (theirs)
    throw new PresenceError(
      'invalid_config',
      `the embedded board is not used: ${theirs.reason}`,
      theirs.remedy,
    )
  const writers = writersOf(folder)
  return {
    path,
    troubles: writers ? [new PresenceError('invalid_config', writers.reason, writers.remedy)] : [],
  }
}
