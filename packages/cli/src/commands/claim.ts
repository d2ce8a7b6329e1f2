import type { Claim } from '@presence/core'
import { earlierText, keptTtlNotes, oneLine } from '@presence/core/internal'
import { answer } from '../answer.ts'
import { holdingsChanged } from '../changed.ts'
import type { AddCommand } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import { interruptedStatus } from '../interruption.ts'
import type { Io } from '../io.ts'
import { holderList } from '../ui/holder.ts'
import { claimJson, claimsJson } from '../ui/json.ts'
import { endedLine, lapsedJson, lapsedNotes } from '../ui/lapsed.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { wordingAt } from '../ui/wording.ts'

interface Options extends Globals {
  readonly purpose?: string
  readonly ttl?: string
  readonly exclusive?: boolean
  readonly overShared?: boolean
  readonly wait?: string
}

export const claimCommand: AddCommand = (program, io, done) =>
  program
    .command('claim')
    .summary('say that you are changing something')
    .description(
      'Claim a label. If others hold it, they are listed and the claim is made anyway, unless one of them holds it exclusively.',
    )
    .argument('<label>', 'what you are changing, as kind:name')
    .option('--purpose <text>', 'what you are doing there, and why (required)')
    .option(
      '--ttl <duration>',
      'how long the claim lives without a heartbeat: 900 (seconds), 15m, 2h (default: 15m); with --exclusive also "never", for a claim that does not expire',
    )
    .option('--exclusive', 'hold it alone; prints a fencing token: a number that grows with every holder')
    .option('--over-shared', 'with --exclusive: claim it even if others have shared claims on it')
    .option(
      '--wait <duration>',
      'how long to wait at most if it is held exclusively: 30s, 10m (default: not at all); with --exclusive you wait in the wait queue, for your turn',
    )
    .addHelpText(
      'after',
      '\nExample: presence claim node:k8s-1 --purpose "drain for kernel upgrade" --ttl 30m',
    )
    .action((label: string, _, command) => done(claim(label, command.optsWithGlobals(), io)))

async function claim(
  label: string,
  { exclusive = false, overShared = false, wait, ...options }: Options,
  io: Io,
): Promise<number> {
  if (overShared && !exclusive) {
    io.err('presence: --over-shared requires --exclusive')
    io.err('presence: hint: add --exclusive, or leave out --over-shared')
    return EXIT.usage
  }
  const waiting = wait === undefined ? undefined : await waitFor(wait, io)
  const status = exclusive
    ? await claimExclusively(label, { overShared, ...options }, waiting, io)
    : await share(label, options, waiting, io)
  // The claim was refused because a signal interrupted the wait, not because the time was over.
  return status === EXIT.refused && waiting?.signal.aborted
    ? interruptedStatus(waiting.signal.reason)
    : status
}

/** The modules are loaded only for `--wait`. */
async function waitFor(wait: string, io: Io) {
  const [{ tellWait }, { interruption }] = await Promise.all([
    import('../ui/waiting.ts'),
    import('../interruption.ts'),
  ])
  return { wait, signal: interruption(), onWait: tellWait(io) }
}

type Waiting = Awaited<ReturnType<typeof waitFor>> | undefined

/** Never falls back to a weaker claim and is never queued: if the board doesn't answer, it fails. */
function claimExclusively(
  label: string,
  { purpose = '', ttl, overShared = false, ...globals }: Options,
  waiting: Waiting,
  io: Io,
) {
  return answer(
    globals,
    io,
    async board => {
      const said = await board.claimExclusively(label, {
        purpose,
        overShared,
        ...(ttl === undefined ? {} : { ttl }),
        ...waiting,
      })
      io.progress('')
      if (!said.ok) return said
      holdingsChanged(io)
      const { claim: mine, others, lapsed, ended, asOf } = said
      const view = { me: board.session.id, asOf }
      const claimed = `presence: claimed ${oneLine(mine.label)} exclusively, token ${mine.token}`
      return {
        lines:
          others.length === 0
            ? [claimed]
            : [
                io.paint('yellow', `${claimed} -- ALSO CLAIMED (SHARED) BY:`),
                ...holderList(others, asOf, io, board.session),
              ],
        json: {
          claim: claimJson(mine, view),
          others: claimsJson(others, view),
          lapsed: lapsed.map(each => lapsedJson(each, view)),
        },
        notes: [...keptTtlNotes(mine, ttl, asOf), ...earlierNotes(ended, asOf), ...lapsedNotes(lapsed, asOf)],
      }
    },
    { promises: true },
  )
}

function earlierNotes(ended: readonly Claim[], asOf: Date): readonly string[] {
  return ended.map(claim => earlierText(claim, claim.expiresAt, wordingAt(asOf)))
}

function share(label: string, { purpose = '', ttl, ...globals }: Options, waiting: Waiting, io: Io) {
  return answer(globals, io, async board => {
    const said = await board.claim(label, { purpose, ...(ttl === undefined ? {} : { ttl }), ...waiting })
    io.progress('')
    if (!said.ok) return said
    holdingsChanged(io)
    const { claim: mine, others, coClaims, lapsed, ended, stolen, asOf } = said
    const view = { me: board.session.id, asOf }
    const lapsedBefore = mine.lapsedAt ? [earlierText(mine, mine.lapsedAt, wordingAt(asOf))] : []
    return {
      lines:
        others.length === 0
          ? [`presence: claimed ${oneLine(mine.label)}`]
          : [
              io.paint('yellow', `presence: claimed ${oneLine(mine.label)} -- ALSO CLAIMED BY:`),
              ...holderList(others, asOf, io, board.session),
              'presence: by convention the later claimant waits, and asks the other before it continues',
            ],
      json: {
        claim: claimJson(mine, view),
        others: claimsJson(others, view),
        lapsed_at: mine.lapsedAt ?? null,
        lapsed: lapsed.map(each => lapsedJson(each, view)),
        co_claims: coClaims.map(coClaim => ({
          resource_label: coClaim.label,
          others: claimsJson(coClaim.others, view),
        })),
      },
      notes: [
        ...keptTtlNotes(mine, ttl, asOf),
        ...lapsedBefore,
        ...earlierNotes(ended, asOf),
        ...stolen.map(each => endedLine(each, asOf)),
        ...lapsedNotes(lapsed, asOf),
        ...coClaimNotes(coClaims, asOf),
      ],
    }
  })
}
