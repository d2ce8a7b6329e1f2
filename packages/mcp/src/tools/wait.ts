import { type Claim, isFault } from '@presence/core'
import { labelOf, needsFix, sleep } from '@presence/core/internal'
import * as z from 'zod'
import { must } from '../refusals.ts'
import { asOf, claim, label } from '../schemas.ts'
import { type Call, LOOKS, tool } from '../tool.ts'
import { WAIT_SECONDS_MAX, waitSeconds } from '../waiting.ts'
import { claimLines, claimsData, holderLine } from '../words.ts'

const SECONDS_DEFAULT = 30
/** The interval between two looks at the board, in milliseconds. */
const LOOKS_MS = 1_000

export const wait = tool({
  name: 'wait',
  description: 'Wait until no other session holds a label. Claims nothing.',
  input: z.strictObject({
    label,
    seconds: waitSeconds.describe(`0-${WAIT_SECONDS_MAX}, default ${SECONDS_DEFAULT}`),
  }),
  output: z.object({ free: z.boolean(), holders: z.array(claim), as_of: asOf }),
  annotations: LOOKS,
  run: async (call, { label, seconds = SECONDS_DEFAULT }) => {
    const { asOf, others } = await untilFree(call, label, seconds)
    const view = { me: call.board.session, asOf }
    const free = others.length === 0
    return {
      lines: free
        ? [`No other session holds ${labelOf(label)}.`]
        : [
            `${labelOf(label)} is still held after ${seconds} s; wait longer, work on something else, or ask a holder.`,
            ...claimLines(others, view, holderLine),
          ],
      data: { free, holders: claimsData(others, view), as_of: asOf.toISOString() },
    }
  },
})

interface Look {
  readonly asOf: Date
  readonly others: readonly Claim[]
}

/**
 * Looks at the board until no other session holds the label, the time is over, or the client gives up. If a
 * look gets no answer, the next one tries again.
 *
 * @throws PresenceError if the last look got no answer
 */
async function untilFree(call: Call, label: string, seconds: number): Promise<Look> {
  const from = process.hrtime.bigint()
  const left = () => seconds * 1_000 - Number((process.hrtime.bigint() - from) / 1_000_000n)
  for (;;) {
    const look = await lookAt(call, label).catch((error: unknown) => {
      if (!isFault(error) || needsFix(error) || left() <= 0 || call.signal.aborted) throw error
      return undefined
    })
    if (look?.others.length === 0 || (look && (left() <= 0 || call.signal.aborted))) return look
    const [first] = look?.others ?? []
    call.progress(
      look && first
        ? `held: ${holderLine(first, { me: call.board.session, asOf: look.asOf })}`
        : 'the board does not answer',
    )
    await sleep(Math.min(LOOKS_MS, Math.max(0, left())), { signal: call.signal })
  }
}

async function lookAt({ board, me }: Call, label: string): Promise<Look> {
  const said = must(await board.peek(label))
  return { asOf: said.asOf, others: said.claims.filter(({ session }) => session.id !== me) }
}
