import { type Board, isFault } from '@presence/core'
import { mayBeShort, moment, nameOf, nearestOf, wholeSessionOn } from '@presence/core/internal'
import { MessageSchema } from '@presence/core/schema'
import * as z from 'zod'
import { must } from '../refusals.ts'
import { notes } from '../schemas.ts'
import { BadArguments, type Call, SAYS, tool } from '../tool.ts'

/** How many similar ids are suggested for an unknown one. */
const NEAR_MAX = 3

export const sendMessage = tool({
  name: 'coord_send_message',
  description: 'Send a message to one session, or to all.',
  input: z.strictObject({
    to: z
      .string('send a session id, or leave it out for all')
      .optional()
      .describe('session id; default: all'),
    subject: z.string('send a line'),
    body: z.string('send the text'),
    kind: z.string('send MESSAGE or STATUS_UPDATE').optional().describe('MESSAGE or STATUS_UPDATE'),
    project: z.string("send a project's key, such as web-shop").optional(),
  }),
  output: MessageSchema.pick({ id: true, sent_at: true }).extend({ notes }),
  annotations: { ...SAYS, idempotentHint: false },
  run: async (call, { to: given, subject, body, kind, project }) => {
    const to = given === undefined ? undefined : await addressee(given, call.board)
    const { message } = must(
      await call.board.messages.send({
        subject,
        body,
        ...(to === undefined ? {} : { to }),
        ...(kind === undefined ? {} : { kind }),
        ...(project === undefined ? {} : { project }),
      }),
    )
    return {
      lines: [`Sent to ${to === undefined ? 'all' : nameOf(to)}.`],
      data: { id: message.id, sent_at: message.sentAt.toISOString() },
      notes: to === undefined ? [] : await notesOn(to, call),
    }
  },
})

/** The whole id: agents are told a session's id in short. */
async function addressee(given: string, board: Board): Promise<string> {
  if (!mayBeShort(given)) return given
  try {
    return await wholeSessionOn(board, given)
  } catch (error) {
    if (isFault(error) && error.code === 'invalid_session')
      throw new BadArguments(`${error.message}; ${error.remedy}`)
    throw error
  }
}

/**
 * Notes on an addressee that is unknown or inactive. The message waits for it, but the id may be misspelt.
 */
async function notesOn(to: string, { board, me }: Call): Promise<readonly string[]> {
  try {
    const [there] = (await board.who({ of: to })).sessions
    if (to === me || (there && there.state !== 'inactive')) return []
    if (there)
      return [`${nameOf(to)} is inactive: last seen at ${moment(there.lastSeen)}; the message waits for it`]
    const ids = (await board.who()).sessions.map(({ session }) => session.id)
    const near = nearestOf(to, ids, NEAR_MAX).map(nameOf)
    const meant = near.length === 0 ? 'coord_get_presence has the ids' : `similar ids are ${near.join(', ')}`
    return [`no session with the id ${nameOf(to)} is known: the message waits until one registers; ${meant}`]
  } catch (error) {
    // The message is sent, so a fault here is not an error.
    if (isFault(error)) return []
    throw error
  }
}
