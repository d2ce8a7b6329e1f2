import type { Claim } from './claim.ts'
import type { OverlappingClaim } from './near.ts'
import type { CoClaim, Lapsed } from './session-view.ts'

/**
 * What happens to a command that would change a label that others hold. In every mode, a label that another
 * session holds exclusively is refused.
 *
 * | mode | meaning |
 * | --- | --- |
 * | `note` | the command goes through, and its agent is told who else is there |
 * | `pause` | it is refused until its agent was told of each other claim: see `told` of {@link GuardTarget} |
 * | `deny` | it is refused as long as others hold the label |
 * | `require` | as `pause`, and it is refused as long as this session has not claimed the label, or what it is part of, by hand |
 */
export type GuardTargetMode = 'note' | 'pause' | 'deny' | 'require'

/** One label that a command would change. */
export interface GuardTarget {
  /** The label. */
  readonly label: string
  /** The guard's mode for it. */
  readonly mode: GuardTargetMode
  /**
   * The {@link GuardedTarget.keys} of an earlier refusal that the agent was told of, and may pass now. Keys that
   * no longer exist are ignored.
   * @default none
   */
  readonly told?: readonly string[]
}

/** A command that is about to run, for {@link Board.guard}. */
export interface GuardInput {
  /**
   * Identifies the command within its session: the agent's own id of the tool call, or one that its hook made.
   * 1 to 128 ASCII characters without blanks. A call that is repeated with the same id gives the first decision again.
   */
  readonly callId: string
  /** The command in short, such as `kubectl drain k8s-1`. Everyone on the board can read it. */
  readonly purpose: string
  /** The labels that the command would change: 1 to 100. */
  readonly targets: readonly GuardTarget[]
  /**
   * The agent's subagent that runs the command.
   * @default none
   */
  readonly subagent?: string
  /**
   * How long the claims live without a heartbeat, in seconds: the time limit of the agent's tool and a little
   * more. Values below 900 count as 900.
   * @default 900
   */
  readonly ttlSeconds?: number
  /**
   * True if the command runs in the background. Its claims then last until it is settled, at most 60 minutes.
   * @default false
   */
  readonly background?: boolean
  /**
   * A key for the claims that this call writes: 8 to 32 lower-case letters, digits or hyphens.
   * @default made of the session and `callId`
   */
  readonly writeKey?: string
}

/**
 * Why a command was refused. `paused`: others are there, and its agent wasn't told yet. `denied`: others are
 * there. `required`: this session has not claimed the label by hand. `exclusive`: another session holds the
 * label exclusively.
 */
export type GuardRefusal = 'paused' | 'denied' | 'required' | 'exclusive'

/** The decision on one label. */
export interface GuardedTarget {
  /** The label. */
  readonly label: string
  /** The guard's mode for it. */
  readonly mode: GuardTargetMode
  /** Whether this session claimed the label itself, or the guard did so for the command. */
  readonly own: 'by-hand' | 'auto'
  /** The live claims of other sessions on the label, the oldest first. */
  readonly others: readonly Claim[]
  /** The live claims of other sessions on labels that certainly touch the same thing. */
  readonly overlaps: readonly OverlappingClaim[]
  /** The live claims of other sessions on labels that may be the same. They never refuse a command. */
  readonly maybeSame: readonly Claim[]
  /** Claims of other sessions on the label that lapsed. The work they were about may be half done. */
  readonly lapsed: readonly Claim[]
  /** Why this label refuses the command. Undefined if it doesn't. */
  readonly refused: GuardRefusal | undefined
  /** Identifies each claim in `others` and `overlaps`, for `told` of a later call. Opaque. */
  readonly keys: readonly string[]
  /** Whether the command goes through although others are there of whom its agent was told. */
  readonly proceeded: boolean
  /** Whether this is the first automatic claim of this session. */
  readonly isFirst: boolean
  /** Identifies this decision, for {@link Board.markWrong}. Opaque. */
  readonly event: string
}

/** The decision on a command. If one label refuses it, the whole command is refused, and it claimed nothing. */
export interface Guarded {
  /** The database's time of the answer. */
  readonly asOf: Date
  /** Whether the command may run. */
  readonly decision: 'through' | 'refused'
  /** The decision on each label, in the order of the input. */
  readonly targets: readonly GuardedTarget[]
  /** Other labels of this session that other sessions also hold. */
  readonly coClaims: readonly CoClaim[]
  /** The claims on other labels that were stolen from this session, until it releases or claims the label. */
  readonly stolen: readonly Lapsed[]
}

/** The end of a guarded command, for {@link Board.settle}. */
export interface SettleInput {
  /** The `callId` of {@link GuardInput}. */
  readonly callId: string
  /**
   * `succeeded`, `failed`, or `ended` if the agent doesn't say which. `background`: it didn't end, and goes on in
   * the background.
   */
  readonly outcome: 'succeeded' | 'failed' | 'ended' | 'background'
  /**
   * Its exit status, if it is known.
   * @default unknown
   */
  readonly exitStatus?: number
}

/** A command was settled. */
export interface Settled {
  /** The database's time of the answer. */
  readonly asOf: Date
  /** The labels of the command. Empty if the board knows no such running command. */
  readonly labels: readonly string[]
}

/** Guarded commands of one kind of label in one week. A command that changes two labels counts for each. */
export interface ComplianceRow {
  /** The kind of the labels. */
  readonly kind: string
  /** The ISO week in UTC, such as `2026-W09`. */
  readonly week: string
  /** Commands that ran: the sum of the next two. */
  readonly changed: number
  /** Their label was claimed by hand before. */
  readonly byHand: number
  /** The guard claimed their label. */
  readonly automatic: number
  /** Commands that met another session, refused or not. A paused one that ran later counts once. */
  readonly collided: number
  /** Commands that were refused once because their agent wasn't told yet who is there. */
  readonly paused: number
  /** Paused commands that were not run again while the others were still there. */
  readonly heeded: number
  /** Commands that ran although others were there of whom their agent was told. */
  readonly proceeded: number
  /** Commands that were refused for another reason than a pause. */
  readonly refused: number
  /** Decisions that somebody marked as wrong. */
  readonly reportedWrong: number
}

/** What the guard did. */
export interface Compliance {
  /** The database's time of the answer. */
  readonly asOf: Date
  /** The earliest week first, then by kind. */
  readonly rows: readonly ComplianceRow[]
}
