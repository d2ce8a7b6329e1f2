import type { Claim, Session } from '@presence/core'
import { type AgentView, agentWording } from '@presence/core/internal'
import type { Here } from '../hook.ts'
import { cutAt, tokensIn } from './tokens.ts'

/** How a hook's agent sees claims that were read at a time. */
export function viewOf(asOf: Date, { host, user: _, ...place }: Here): AgentView {
  return { me: { host, place }, asOf, words: agentWording(asOf) }
}

/** A longer line is written again, with its texts cut. */
const LINE_TOKENS_MAX = 120

/**
 * A line about claims, cut if it is long, so that no text of another session takes the room of all others.
 *
 * @param short how ids are shown
 * @param write writes the line; it passes each claim through `cut`
 */
export function lineOf(short: ShortId, write: (cut: (claim: Claim) => Claim) => string): string {
  const line = write(claim => withIds(claim, short))
  return tokensIn(line) <= LINE_TOKENS_MAX ? line : write(claim => tightened(withIds(claim, short)))
}

/** Shows a session's id in short: a whole UUID costs an agent 35 tokens. Commands and tools take the short one too. */
export type ShortId = (id: string) => string

function withIds(claim: Claim, short: ShortId): Claim {
  const { session, ended } = claim
  const by = ended?.by && short(ended.by)
  return {
    ...claim,
    session: { ...session, id: short(session.id) },
    ...(ended ? { ended: { ...ended, by } } : {}),
  }
}

/** At most so many tokens of a label, a purpose, an id or a reason, and of an agent's, a user's and a host's name. */
const TEXT_TOKENS_MAX = 25
const NAME_TOKENS_MAX = 8

function tightened(claim: Claim): Claim {
  const { ended } = claim
  return {
    ...claim,
    label: cutAt(claim.label, TEXT_TOKENS_MAX),
    purpose: cutAt(claim.purpose, TEXT_TOKENS_MAX),
    session: tightSession(claim.session),
    ...(ended
      ? {
          ended: {
            ...ended,
            by: ended.by && cutAt(ended.by, TEXT_TOKENS_MAX),
            note: ended.note && cutAt(ended.note, TEXT_TOKENS_MAX),
          },
        }
      : {}),
  }
}

function tightSession({ place: _, ...session }: Session): Session {
  const short = (text: string) => cutAt(text, NAME_TOKENS_MAX)
  return {
    ...session,
    id: cutAt(session.id, TEXT_TOKENS_MAX),
    agent: short(session.agent),
    user: short(session.user),
    host: short(session.host),
  }
}
