import { fileNameOf } from '@presence/core/internal'
import type { Payload } from '../agents/adapter.ts'
import { momentOf } from '../moment.ts'

/** A call's id on the board has at most this many characters. */
const ID_MAX = 128

/** The id of a tool call. An agent that gives none sends the same payload to the copies of one hook. */
export function callIdOf(agent: string, event: string, payload: Payload): string {
  const given = payload['tool_use_id']
  return typeof given === 'string' && given !== ''
    ? callIdFrom(given)
    : `${agent}-${momentOf(event, payload)}`
}

/** The agent's own id, as the board takes it. */
export function callIdFrom(given: string): string {
  return given.length <= ID_MAX && /^[\w.:@-]+$/.test(given) ? given : fileNameOf(`id ${given}`)
}

/** A command as it is kept: a hash, because it may contain secrets. */
export function commandKey(command: string): string {
  return fileNameOf(`$ ${command}`)
}
