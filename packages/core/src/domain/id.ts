import { ID_LENGTH_MAX } from './limits.ts'
import { accept, type Checked, type IdTaken, type Refused, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/**
 * Parses the id of a message, a workflow or an item. The writer creates it, so that writing it twice changes
 * nothing.
 */
export function parseId(input: string): Checked<string> {
  if (ID.test(input) && input.length <= ID_LENGTH_MAX) return accept(input)
  return refuse({
    code: 'invalid_id',
    message: `"${oneLine(cutTo(input, 40))}" is not a valid id`,
    remedy: `give an id that presence printed, or one of your own: at most ${ID_LENGTH_MAX} letters, digits, "-", "_" and "."`,
  })
}

/** @param what the subject of the message: `another workflow has the id` */
export function idTaken(what: string, id: string): Refused<IdTaken> {
  const remedy = 'leave the id out, and a new one is made'
  return refuse({ code: 'id_taken', message: `${what} ${id}`, remedy, id })
}
