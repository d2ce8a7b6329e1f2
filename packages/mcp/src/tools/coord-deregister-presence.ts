import { labelOf, nameOf, plain } from '@presence/core/internal'
import * as z from 'zod'
import { must } from '../refusals.ts'
import { notes } from '../schemas.ts'
import { SAYS, tool } from '../tool.ts'
import { endedNotes } from '../words.ts'

export const deregisterPresence = tool({
  name: 'coord_deregister_presence',
  description: 'End this session and release its claims. Its history and last heartbeat stay.',
  input: z.strictObject({}),
  output: z.object({ session_id: z.string(), released: z.array(z.string()), notes }),
  annotations: { ...SAYS, destructiveHint: true },
  beats: true,
  run: async ({ board, me }) => {
    const said = must(await board.deregister())
    const released = said.released.map(({ label }) => label)
    const also = released.length === 0 ? '' : ` Released ${released.map(labelOf).join(', ')}.`
    return {
      changed: true,
      lines: [`Session ${nameOf(me)} has ended.${also}`],
      data: { session_id: plain(me), released: released.map(each => plain(each)) },
      notes: endedNotes(
        said.lapsed.map(claim => ({ claim })),
        said.asOf,
      ),
    }
  },
})
