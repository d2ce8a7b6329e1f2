import { parseCallId, parseEnd } from '../domain/command.ts'
import type { Settled, SettleInput } from '../domain/guarded.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { CallContext } from './context.ts'

const RUNNING: ReadonlySet<string> = new Set(['running', 'background'])

/**
 * Records how a guarded command ended. Its automatic claims settle when no other command of the session is running on
 * their label. Sent twice, it changes nothing.
 */
export async function settleCall(context: CallContext, input: SettleInput): Promise<Outcome<Settled>> {
  const callId = parseCallId(input.callId)
  if (!callId.ok) return callId
  const end = parseEnd(input)
  if (!end.ok) return end
  const commands = await context.store.commands()
  const deadline = context.deadline()
  const call = { sessionId: context.session.id, callId: callId.value }
  const found = await commands.of(call, deadline)
  const through = found.commands.filter(({ decision }) => decision === 'through')
  const { outcome, exitStatus } = end.value
  // An earlier attempt with the same outcome may have been interrupted before it settled the claims.
  const open = through.filter(({ state }) => RUNNING.has(state) || state === outcome)
  if (open.length > 0 && outcome === 'background') await commands.detach(call, open, deadline)
  if (open.length > 0 && outcome !== 'background')
    await commands.end(call, open, { outcome, exitStatus }, deadline)
  return { ok: true, asOf: found.asOf, labels: through.map(({ label }) => label) }
}
