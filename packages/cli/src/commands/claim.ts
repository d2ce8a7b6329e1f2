import type { Acquired, Board, Claim, Claimed, CoClaim, JsonView } from '@presence/core'
import { claimedText, earlierText, keptTtlNotes, oneLine, refusalOfNew } from '@presence/core/internal'
import { type Answer, answer, printRefusal, printUsage } from '../answer.ts'
import { answerEach } from '../answer-each.ts'
import { holdingsChanged } from '../changed.ts'
import type { AddCommand } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import { interruptedStatus } from '../interruption.ts'
import type { Io } from '../io.ts'
import { refusalOfClaims, refusedLabel, wholeLabels } from '../labels.ts'
import { holderList } from '../ui/holder.ts'
import { claimJson, claimsJson } from '../ui/json.ts'
import { endedLine, lapsedJson, lapsedNotes } from '../ui/lapsed.ts'
import { coClaimNotes, nearNotes } from '../ui/notes.ts'
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
      'Claim labels. A shared claim is made even if others have shared claims on the label, and the answer lists them. It is refused if another session holds the label exclusively. An exclusive claim is refused if anyone else holds the label; with --over-shared, only if someone holds it exclusively. Shared claims on several labels are made one by one: the exit status is 0 only if all are made. With --exclusive all are made or none. With --json, several labels print an object with the answer or the error of each.',
    )
    .argument('<label...>', 'what you are changing, as kind:name')
    .option('--purpose <text>', 'what you are doing there, and why (required)')
    .option(
      '--ttl <duration>',
      'how long the claim lives without a heartbeat: 900 (seconds), 15m, 2h (default: 15m); with --exclusive also "never", for a claim that does not expire',
    )
    .option('--exclusive', 'hold it alone; prints a fencing token: a number that grows with every holder')
    .option('--over-shared', 'with --exclusive: claim it even if others have shared claims on it')
    .option(
      '--wait <duration>',
      "how long to wait at most if the claim would be refused because others hold the label: 30s, 10m (default: don't wait); with --exclusive you wait in the wait queue",
    )
    .addHelpText(
      'after',
      '\nExample: presence claim node:k8s-1 --purpose "drain for kernel upgrade" --ttl 30m',
    )
    .action((labels: readonly string[], _, command) => done(claim(labels, command.optsWithGlobals(), io)))

const NOT_SHARED = {
  message: '--over-shared requires --exclusive',
  remedy: 'add --exclusive, or leave out --over-shared',
}

async function claim(
  typed: readonly string[],
  { exclusive = false, overShared = false, wait, ...options }: Options,
  io: Io,
): Promise<number> {
  const labels = wholeLabels(typed, io)
  if (overShared && !exclusive) return printUsage(NOT_SHARED, options, io, { claims: labels })
  // One label is checked by the board, which knows the kinds. Of several, none is claimed if one can't be a label.
  const refused = labels.length > 1 ? refusedLabel(labels) : undefined
  if (refused) return printRefusal(refused.refusal, options, io, { claims: labels })
  const waiting =
    wait === undefined && !(exclusive && labels.length > 1) ? undefined : await waitFor(wait, io)
  const asked = { overShared, ...options }
  const status = await (!exclusive
    ? share(labels, options, waiting, io)
    : labels.length === 1
      ? claimExclusively(labels[0] ?? '', asked, waiting, io)
      : claimAllExclusively(labels, asked, waiting, io))
  // The claim was refused because a signal interrupted it, not because the time was over.
  return status !== EXIT.done && waiting?.signal.aborted ? interruptedStatus(waiting.signal.reason) : status
}

/** The modules are loaded only for a claim that can be interrupted. */
async function waitFor(wait: string | undefined, io: Io) {
  const [{ tellWait }, { interruption }] = await Promise.all([
    import('../ui/waiting.ts'),
    import('../interruption.ts'),
  ])
  return {
    signal: interruption(),
    ...(wait === undefined ? {} : { wait }),
    get onWait() {
      return tellWait(io)
    },
  }
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
      const blank = await refusalOfNew(board, [label])
      if (blank) return blank
      const options = { purpose, overShared, ...(ttl === undefined ? {} : { ttl }), ...waiting }
      const said = await board.claimExclusively(label, options)
      io.progress('')
      if (!said.ok) return said
      holdingsChanged(io)
      return shownExclusive(said, ttl, board, io)
    },
    { promises: true, claims: [label], wait: waiting?.wait },
  )
}

/** All of them or none. */
function claimAllExclusively(
  labels: readonly string[],
  { purpose = '', ttl, overShared = false, ...globals }: Options,
  waiting: Waiting,
  io: Io,
) {
  return answer(
    globals,
    io,
    async board => {
      const refused = await refusalOfClaims(board, labels)
      if (refused) return refused
      const options = { purpose, overShared, ...(ttl === undefined ? {} : { ttl }), ...waiting }
      const said = await board.claimAllExclusively(labels, options)
      io.progress('')
      if (!said.ok) return said
      holdingsChanged(io)
      const shown = new Map(said.all.map(each => [each.claim.label, shownExclusive(each, ttl, board, io)]))
      const inOrder = labels.flatMap(label => shown.get(label) ?? [])
      return {
        lines: inOrder.flatMap(({ lines }) => lines),
        json: Object.fromEntries(labels.map(label => [label, shown.get(label)?.json])),
        notes: inOrder.flatMap(({ notes = [] }) => notes),
      }
    },
    { promises: true, claims: labels, wait: waiting?.wait },
  )
}

function shownExclusive(
  { claim: mine, others, overlaps, maybeSame, lapsed, ended, asOf }: Acquired,
  ttl: string | undefined,
  { session }: Board,
  io: Io,
): Answer {
  const view = { me: session.id, asOf }
  const claimed = `presence: claimed ${oneLine(mine.label)} ${claimedText(mine, asOf)}`
  return {
    lines:
      others.length === 0
        ? [claimed]
        : [
            io.paint('yellow', `${claimed} -- ALSO CLAIMED (SHARED) BY:`),
            ...holderList(others, asOf, io, session),
          ],
    json: {
      claim: claimJson(mine, view),
      others: claimsJson(others, view),
      ...nearJson({ overlaps, maybeSame }, view),
      lapsed: lapsed.map(each => lapsedJson(each, view)),
    },
    notes: [
      ...nearNotes(overlaps, alike(mine, maybeSame), asOf),
      ...keptTtlNotes(mine, ttl, asOf),
      ...earlierNotes(ended, asOf),
      ...lapsedNotes(lapsed, asOf),
    ],
  }
}

/** The claims on labels that may be the same as a claim's. */
function alike({ label }: Claim, others: readonly Claim[]): readonly CoClaim[] {
  return others.length > 0 ? [{ label, others }] : []
}

function nearJson({ overlaps, maybeSame }: Pick<Claimed, 'overlaps' | 'maybeSame'>, view: JsonView) {
  return {
    overlaps: overlaps.map(({ claim, path }) => ({ claim: claimJson(claim, view), path })),
    maybe_same: claimsJson(maybeSame, view),
  }
}

function earlierNotes(ended: readonly Claim[], asOf: Date): readonly string[] {
  return ended.map(claim => earlierText(claim, claim.expiresAt, wordingAt(asOf)))
}

function share(
  labels: readonly string[],
  { purpose = '', ttl, ...globals }: Options,
  waiting: Waiting,
  io: Io,
) {
  return answerEach<Claimed>(globals, io, labels, {
    refusal: board => refusalOfClaims(board, labels),
    ask: async (board, label) => {
      const said = await board.claim(label, { purpose, ...(ttl === undefined ? {} : { ttl }), ...waiting })
      io.progress('')
      if (said.ok) holdingsChanged(io)
      return said
    },
    show: (board, said, _, all) => shownShared(said, { labels, all }, ttl, board, io),
    saying: claims => ({ claims, wait: waiting?.wait }),
  })
}

/** All labels of a command, and the answers of those that were not refused. */
interface Together {
  readonly labels: readonly string[]
  readonly all: ReadonlyMap<string, Claimed>
}

function shownShared(
  { claim: mine, others, overlaps, maybeSame, coClaims: found, lapsed, ended, stolen, asOf }: Claimed,
  { labels, all }: Together,
  ttl: string | undefined,
  { session }: Board,
  io: Io,
): Answer {
  const view = { me: session.id, asOf }
  const claimed = `presence: claimed ${oneLine(mine.label)} ${claimedText(mine, asOf)}`
  const lapsedBefore = mine.lapsedAt ? [earlierText(mine, mine.lapsedAt, wordingAt(asOf))] : []
  // This claim may have found one on another label that was refused a moment later.
  const coClaims = found.filter(({ label }) => all.has(label) || !labels.includes(label))
  const isTold = (label: string, id: string) =>
    all.get(label)?.others.some(other => other.session.id === id) ?? false
  return {
    lines:
      others.length === 0
        ? [claimed]
        : [
            io.paint('yellow', `${claimed} -- ALSO CLAIMED BY:`),
            ...holderList(others, asOf, io, session),
            'presence: by convention the later claimant waits, and asks the other before it continues',
          ],
    json: {
      claim: claimJson(mine, view),
      others: claimsJson(others, view),
      ...nearJson({ overlaps, maybeSame }, view),
      lapsed_at: mine.lapsedAt ?? null,
      lapsed: lapsed.map(each => lapsedJson(each, view)),
      co_claims: coClaims.map(coClaim => ({
        resource_label: coClaim.label,
        others: claimsJson(coClaim.others, view),
      })),
    },
    notes: [
      ...nearNotes(overlaps, alike(mine, maybeSame), asOf),
      ...keptTtlNotes(mine, ttl, asOf),
      ...lapsedBefore,
      ...earlierNotes(ended, asOf),
      ...stolen.map(each => endedLine(each, asOf)),
      ...lapsedNotes(lapsed, asOf),
      ...coClaimNotes(
        coClaims.filter(({ label, others: there }) => !there.every(each => isTold(label, each.session.id))),
        asOf,
      ),
    ],
  }
}
