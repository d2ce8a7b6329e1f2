import { deadlines, oneClock, outage, runs } from './answers.ts'
import { blind } from './blind.ts'
import { again, expired, extends_, neverShorter } from './expiry.ts'
import { gone } from './gone.ts'
import { holders, tokens } from './holders.ts'
import { kept } from './kept.ts'
import { messages } from './messages.ts'
import { outbox } from './outbox.ts'
import type { Rule } from './rule.ts'
import { madeOnce, resolves, steals } from './steals.ts'
import { told } from './told.ts'
import { turns } from './turns.ts'
import { verify } from './verify.ts'

/** The model, in the order of SPEC.md. */
export const RULES: readonly Rule[] = [
  blind,
  told,
  kept,
  gone,
  messages,
  madeOnce,
  neverShorter,
  extends_,
  again,
  expired,
  holders,
  tokens,
  verify,
  turns,
  steals,
  resolves,
  outage,
  deadlines,
  runs,
  outbox,
  oneClock,
]
