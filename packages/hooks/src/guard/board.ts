import type { Board, Claim, Guarded, GuardInput, Outcome, Settled, SettleInput } from '@presence/core'

/** The calls that the guard makes. */
export interface GuardBoard {
  guard(input: GuardInput): Promise<Outcome<Guarded>>
  settle(input: SettleInput): Promise<Outcome<Settled>>
}

/** A claim that the guard made, with the end of its command. */
export interface AutomaticClaim extends Claim {
  readonly end?: 'failed' | 'not seen'
  readonly exitStatus?: number
}

export function guardBoard(board: Board): GuardBoard {
  return board as Board & GuardBoard
}
