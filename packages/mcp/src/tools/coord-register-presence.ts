import { nameOf, oneLine } from '@presence/core'
import * as z from 'zod/v4'
import { notes } from '../schemas.ts'
import { SAYS, tool } from '../tool.ts'

/** Who registers is who the call speaks as: the server reads it off these arguments. */
export const registerPresence = tool({
  name: 'coord_register_presence',
  description: 'Register this session. Again: updates it.',
  input: z.strictObject({
    role: z
      .string('send a role, such as backend')
      .refine(isPlain(64), 'send a role of one word, such as backend, of at most 64 characters')
      .optional(),
    worktree_path: z
      .string('send a folder')
      .refine(isPlain(1_024), "send a folder's path, of at most 1,024 characters")
      .optional(),
    session_id: z.string('send an id of your own, such as ana@laptop@1').optional(),
  }),
  output: z.object({ session_id: z.string(), notes }),
  annotations: SAYS,
  beats: true,
  run: async ({ board, me }) => {
    await board.register()
    return { lines: [`Registered as session ${nameOf(me)}.`], data: { session_id: me } }
  },
})

/** Something on one line, without a control character. */
function isPlain(max: number): (text: string) => boolean {
  return text => text !== '' && oneLine(text) === text && [...text].length <= max
}
