import { parseId } from '../domain/id.ts'
import { parseNote } from '../domain/note.ts'
import { type NotFound, type Outcome, refuse } from '../domain/refusal.ts'
import type { CallContext } from './context.ts'

export interface MarkWrongInput {
  /** The id of the decision. Not `event`: with the caller's session, that would be an event of the history. */
  readonly decision: string
  readonly note?: string
}

/** Marks a decision of the guard as wrong, so that `compliance` counts it. */
export async function markWrongCall(
  { store, deadline: start }: CallContext,
  { decision, note }: MarkWrongInput,
): Promise<Outcome<object>> {
  const id = parseId(decision)
  if (!id.ok) return id
  const reason =
    note === undefined
      ? undefined
      : parseNote(note, 'mark a decision as wrong', 'say what it should have been')
  if (reason && !reason.ok) return reason
  const commands = await store.commands()
  if (await commands.markWrong(id.value, reason?.value, start())) return { ok: true }
  return refuse<'not_found', NotFound>({
    code: 'not_found',
    message: `the guard has made no decision with the id ${id.value}`,
    remedy: 'give the id that the history shows; decisions are kept for 90 days',
    id: id.value,
  })
}
