import { type Deadline, monotonicMs } from '../deadline.ts'
import { type Claim, isExclusive, isLive, type Snapshot } from '../domain/claim.ts'
import { type Command, parseCommand } from '../domain/command.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Guarded, GuardInput } from '../domain/guarded.ts'
import type { Outcome } from '../domain/refusal.ts'
import { stolenFrom, viewOf } from '../domain/session-view.ts'
import type { AutomaticClaims, Commands, StoredCommand } from '../store/port/commands.ts'
import type { Store } from '../store/port/store.ts'
import { pauseForTentative } from './acquire.ts'
import type { CallContext } from './context.ts'
import { type Held, type Judged, judge, resultOf } from './guard-decision.ts'
import { eventsOfGuarded } from './guard-events.ts'

/** How far this host's clock and the database's may drift apart during one call, in milliseconds. */
const DRIFT_MS = 50

/**
 * Decides on a command that is about to run, and claims what it would change.
 *
 * The claims are written first and read second, as in `claim` (G1): of two sessions that guard the same label at once,
 * at least one sees the other. If one label refuses the command, all that this call wrote is taken back by its write
 * key. The commands are added after the decision, and before the claims that were there already are made theirs: so a
 * command that ends at that moment doesn't settle them.
 */
export async function guardCall(context: CallContext, input: GuardInput): Promise<Outcome<Guarded>> {
  const parsed = parseCommand(input, context.session.id, context.kinds)
  if (!parsed.ok) return parsed
  const { store, session, recorder, pruner } = context
  const command = parsed.value
  const commands = await store.commands()
  const deadline = context.deadline()
  const from = monotonicMs()
  const claims: AutomaticClaims = {
    session,
    labels: command.targets.map(({ label }) => label),
    purpose: command.purpose,
    ttlSeconds: command.ttlSeconds,
    background: command.background,
  }
  const { snapshot, held } = await written(store, commands, claims, command.writeKey, deadline)
  const mine = judge(command, snapshot, session.id, held)
  const call = { sessionId: session.id, callId: command.callId, subagent: command.subagent, claims }
  const isNew = await commands.add(call, resultOf(mine), deadline)
  // A copy of the same hook, or an earlier attempt of this call, has decided already.
  const judged = isNew ? mine : asStored(mine, (await commands.of(call, deadline)).commands)
  const isMade = (claim: Claim) =>
    snapshot.asOf.getTime() - claim.claimedAt.getTime() <= monotonicMs() - from + DRIFT_MS
  const isWhole = (claim: Claim) =>
    isMade(claim) &&
    claim.lapsedAt === undefined &&
    claim.automatic?.outcome === undefined &&
    claim.purpose === command.purpose
  await settleWrites(context, commands, { command, claims, judged, isWhole }, deadline)
  if (isNew) recorder.afterAnswer(eventsOfGuarded(command, session, judged, snapshot.asOf, isMade))
  pruner.afterAnswer(recorder.settled())
  const isFirst =
    judged.decision === 'through' && (await isFirstOf(commands, command, judged, snapshot, deadline))
  return { ok: true, ...answerOf(judged, snapshot, session.id, isFirst) }
}

/** Writes the claims, then reads. Repeats both while the state of a label is about to change. */
async function written(
  store: Store,
  commands: Commands,
  claims: AutomaticClaims,
  writeKey: string,
  deadline: Deadline,
): Promise<{ readonly snapshot: Snapshot; readonly held: ReadonlyMap<string, Held> }> {
  const { session, labels } = claims
  try {
    for (;;) {
      await commands.put(claims, writeKey, deadline)
      const snapshot = await store.read({ guarded: labels }, session.id, deadline)
      const held = new Map<string, Held>()
      for (const label of labels) {
        const on = await heldOn(store, label, session.id, snapshot, deadline)
        if (on) held.set(label, on)
        else break
      }
      if (held.size === labels.length) return { snapshot, held }
      if (deadline.passed) throw stillChanging()
    }
  } catch (error) {
    if (error instanceof PresenceError && error.code === 'busy')
      await commands.undo(session.id, writeKey, deadline).catch(() => {})
    throw error
  }
}

function stillChanging(): PresenceError {
  return new PresenceError('busy', 'the claims on these labels keep changing', 'try again')
}

/** Undefined if the state of the label is about to change: write and read again. */
async function heldOn(
  store: Store,
  label: string,
  sessionId: string,
  { claims, asOf }: Snapshot,
  deadline: Deadline,
): Promise<Held | undefined> {
  const live = claims.filter(claim => claim.label === label && !claim.ended && isLive(claim, asOf))
  const ofMine = live.filter(claim => claim.session.id === sessionId)
  const mine = ofMine.find(isExclusive) ?? ofMine[0]
  if (!mine) return undefined
  const exclusive = live.find(claim => isExclusive(claim) && claim.session.id !== sessionId)
  if (!exclusive) return { mine, exclusive }
  const lock = await store.locks.read(label, undefined, deadline)
  if (!lock?.claim || !isLive(lock.claim, lock.asOf)) return undefined
  if (lock.tentative) {
    await pauseForTentative(store, label, lock, deadline)
    return undefined
  }
  return lock.claim.session.id === sessionId ? undefined : { mine, exclusive: lock.claim }
}

/** The decisions that an earlier attempt of the call stored. */
function asStored(judged: Judged, stored: readonly StoredCommand[]): Judged {
  const byLabel = new Map(stored.map(each => [each.label, each]))
  const targets = judged.targets.map(target => {
    const earlier = byLabel.get(target.label)
    return earlier ? { ...target, refused: earlier.reason as typeof target.refused } : target
  })
  const isRefused = stored.some(({ decision }) => decision === 'refused')
  return { decision: isRefused ? 'refused' : 'through', targets }
}

/** Takes back what was written for a refused command, or lets the claims stand for it. */
async function settleWrites(
  { store, session }: CallContext,
  commands: Commands,
  {
    command,
    claims,
    judged,
    isWhole,
  }: {
    readonly command: Command
    readonly claims: AutomaticClaims
    readonly judged: Judged
    /** Whether this call's write made the whole claim, so that nothing of an earlier one is left. */
    readonly isWhole: (claim: Claim) => boolean
  },
  deadline: Deadline,
): Promise<void> {
  const { writeKey } = command
  if (judged.decision === 'refused') {
    await commands.undo(session.id, writeKey, deadline)
    return
  }
  // Beside an exclusive claim of this session, an automatic one would outlive it.
  for (const { label, mine } of judged.targets)
    if (isExclusive(mine)) await store.undo(session.id, label, writeKey, deadline)
  const reused = judged.targets.filter(({ own, mine }) => own === 'auto' && !isWhole(mine))
  if (reused.length > 0)
    await commands.begin({ ...claims, labels: reused.map(({ label }) => label) }, writeKey, deadline)
  const passed = judged.targets.filter(({ proceeded }) => proceeded)
  if (passed.length > 0)
    await commands.pass(
      session.id,
      passed.map(({ label }) => label),
      deadline,
    )
}

/** Whether the guard claims something for this session for the first time. */
async function isFirstOf(
  commands: Commands,
  { callId, targets }: Command,
  judged: Judged,
  { claims }: Snapshot,
  deadline: Deadline,
): Promise<boolean> {
  const [first] = judged.targets
  if (!first || !judged.targets.some(({ own }) => own === 'auto')) return false
  const sessionId = first.mine.session.id
  const labels = new Set(targets.map(({ label }) => label))
  const hasOther = claims.some(
    claim => claim.session.id === sessionId && claim.automatic && !labels.has(claim.label),
  )
  return !hasOther && !(await commands.hasClaimed({ sessionId, callId }, deadline))
}

function answerOf(judged: Judged, snapshot: Snapshot, sessionId: string, isFirst: boolean): Guarded {
  const labels = new Set(judged.targets.map(({ label }) => label))
  const first = judged.targets.find(({ own }) => own === 'auto')
  return {
    asOf: snapshot.asOf,
    decision: judged.decision,
    targets: judged.targets.map(({ mine: _, kind: __, ...target }) => ({
      ...target,
      proceeded: judged.decision === 'through' && target.proceeded,
      isFirst: isFirst && target.label === first?.label,
    })),
    coClaims: viewOf(snapshot, sessionId).coClaims.filter(({ label }) => !labels.has(label)),
    stolen: stolenFrom(snapshot, sessionId).filter(({ claim }) => !labels.has(claim.label)),
  }
}
