import { nameOf } from '@presence/core'
import * as z from 'zod/v4'
import { must } from '../refusals.ts'
import { notes } from '../schemas.ts'
import { SAYS, tool } from '../tool.ts'

export const sendMessage = tool({
  name: 'coord_send_message',
  description: 'Send a message to one session, or to all.',
  input: z.strictObject({
    to: z
      .string('send a session id, or leave it out for all')
      .optional()
      .describe('session id; all unless told'),
    subject: z.string('send a line'),
    body: z.string('send the text'),
    kind: z.string('send MESSAGE or STATUS_UPDATE').optional().describe('MESSAGE or STATUS_UPDATE'),
    project: z.string("send a project's key, such as web-shop").optional(),
  }),
  output: z.object({ message_id: z.string(), sent_at: z.string(), notes }),
  annotations: { ...SAYS, idempotentHint: false },
  run: async ({ board }, { to, subject, body, kind, project }) => {
    const { message } = must(
      await board.messages.send({
        subject,
        body,
        ...(to === undefined ? {} : { to }),
        ...(kind === undefined ? {} : { kind }),
        ...(project === undefined ? {} : { project }),
      }),
    )
    return {
      lines: [`Sent to ${to === undefined ? 'all' : nameOf(to)}.`],
      data: { message_id: message.id, sent_at: message.sentAt.toISOString() },
    }
  },
})
