import type { Refusal } from '@presence/core'
import { oneLine, resolveIdentity, shellWord } from '@presence/core/internal'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

/** The agent's name of a person at a terminal, and of a script. */
const PERSON = 'cli'

/**
 * The hint of a refusal. A person's second terminal is another session than the first: if that one holds the
 * label, the hint says how to act for it.
 */
export function hintFor(refusal: Refusal, hint: string, globals: Globals, io: Io): string {
  const id = 'holders' in refusal ? ownHolder(refusal.holders, globals, io) : undefined
  if (id === undefined) return hint
  return `${oneLine(id)} is also you on this host: if it is another terminal of yours, act for it with --session ${shellWord(oneLine(id))}; otherwise ${hint}`
}

function ownHolder(
  holders: Extract<Refusal, { holders: unknown }>['holders'],
  { session }: Globals,
  io: Io,
): string | undefined {
  const identity = resolveIdentity(session, io.env)
  if (!identity.ok) return undefined
  const { id, user, host, agent } = identity.value.session
  // An agent acts for nobody else, and nobody for an agent.
  if (agent !== PERSON) return undefined
  return holders
    .map(holder => holder.session)
    .find(other => other.id !== id && other.user === user && other.host === host && other.agent === PERSON)
    ?.id
}
