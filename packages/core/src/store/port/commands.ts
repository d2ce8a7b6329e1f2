import type { Deadline } from '../../deadline.ts'
import type { Session } from '../../domain/session.ts'

/** What the guard writes for a command before it reads who else is there. */
export interface AutomaticClaims {
  readonly session: Session
  readonly labels: readonly string[]
  /** The command in short. */
  readonly purpose: string
  readonly ttlSeconds: number
  /** Whether the command runs in the background, so that its claims don't depend on heartbeats. */
  readonly background: boolean
}

/** A guarded command on one label, after the decision. */
export interface GuardedCommand {
  /** Identifies it. The same for each attempt of one call. */
  readonly event: string
  readonly label: string
  readonly kind: string
  readonly mode: string
  readonly decision: 'through' | 'refused'
  /** Why this label refused the command. */
  readonly reason: string | undefined
  readonly proceeded: boolean
  readonly own: 'by-hand' | 'auto'
  readonly collided: boolean
}

/** What is stored of a guarded command on one label. */
export interface StoredCommand extends Pick<GuardedCommand, 'event' | 'label' | 'decision' | 'reason'> {
  /** `refused`, `running`, `background`, or how it ended. */
  readonly state: string
  readonly purpose: string
  readonly startedAt: Date
}

/** The commands of one call. */
export interface Call {
  readonly sessionId: string
  readonly callId: string
}

export interface CallMade extends Call {
  readonly subagent: string | undefined
  readonly claims: AutomaticClaims
}

/** How a command ended, and what its claims on these labels then show. */
export interface CommandEnd {
  readonly outcome: 'succeeded' | 'failed' | 'ended'
  readonly exitStatus: number | undefined
}

/** The guarded commands of one kind of label on one day. */
export interface Tally {
  readonly kind: string
  /** The first moment of the day. */
  readonly day: Date
  readonly changed: number
  readonly byHand: number
  readonly automatic: number
  readonly collided: number
  readonly paused: number
  readonly passed: number
  readonly proceeded: number
  readonly refused: number
  readonly wrong: number
}

/**
 * The guard's claims, and its commands. As in `Store`, each method is one statement in autocommit unless its comment
 * says otherwise.
 */
export interface Commands {
  /**
   * Writes an automatic claim on each label, with the write key. A live claim of the session stays as it is, apart
   * from the key on an automatic one. A lapsed one is live again; `begin` or `undo` then decides on the rest.
   */
  put(claims: AutomaticClaims, writeKey: string, deadline: Deadline): Promise<void>
  /** Lets claims that `put` did not make anew stand for the command, too. */
  begin(claims: AutomaticClaims, writeKey: string, deadline: Deadline): Promise<void>
  /** Takes back what `put` wrote with this key, on every label. One transaction. */
  undo(sessionId: string, writeKey: string, deadline: Deadline): Promise<void>
  /** Adds the commands of a call. @returns false if one of them was there already, from another attempt */
  add(call: CallMade, commands: readonly GuardedCommand[], deadline: Deadline): Promise<boolean>
  /** The commands of a call, and the database's time. */
  of(
    call: Call,
    deadline: Deadline,
  ): Promise<{ readonly commands: readonly StoredCommand[]; readonly asOf: Date }>
  /** Whether the guard has made a claim for another command of this session. */
  hasClaimed(call: Call, deadline: Deadline): Promise<boolean>
  /** Records that the session passed its earlier pauses on these labels. */
  pass(sessionId: string, labels: readonly string[], deadline: Deadline): Promise<void>
  /**
   * Records how a running command ended, and then settles its claims on which no other command is running. Several
   * statements: two commands that end at once would miss each other in one transaction.
   */
  end(call: Call, commands: readonly StoredCommand[], how: CommandEnd, deadline: Deadline): Promise<void>
  /** Records that a running command goes on in the background. */
  detach(call: Call, commands: readonly StoredCommand[], deadline: Deadline): Promise<void>
  /** Marks a decision as wrong. @returns whether there is such a decision */
  markWrong(event: string, note: string | undefined, deadline: Deadline): Promise<boolean>
  tally(since: Date, deadline: Deadline): Promise<{ readonly tallies: readonly Tally[]; readonly asOf: Date }>
}
