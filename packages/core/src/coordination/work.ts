import type { CallContext } from '../claims/context.ts'
import { earlierAttempt, onceWith } from '../claims/once.ts'
import type { Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { type Outcome, type Refused, refuse } from '../domain/refusal.ts'
import { cutTo, oneLine } from '../domain/text.ts'
import { allowedFrom, type Course } from '../domain/work.ts'
import type { Revised, Work } from '../store/port/coordination.ts'

/** The fields that workflows and items have in common. */
export interface Moving<Status extends string> {
  readonly id: string
  readonly status: Status
  readonly movedBy: string
}

export interface Edit<Row, Status extends string> {
  readonly id: string
  /** The session that makes the change. */
  readonly by: string
  /** The other fields to change. Fields that aren't named stay. */
  readonly fields: Partial<Row>
  readonly to: Status | undefined
  /** Whether it may be reopened if it has ended. */
  readonly reopen: boolean
}

/** What a workflow or an item is called in messages (also the name of its command), and its allowed transitions. */
export interface Kind<Status extends string> {
  readonly name: string
  readonly course: Course<Status>
}

/**
 * Changes a workflow or an item: reads it, then writes it only if it is still as it was read. If several
 * sessions move it at the same time, one succeeds. The others find it moved, and are told by whom.
 *
 * With an idempotency key, the answer is stored, together with the change if there is one. Every other attempt
 * gets that answer, also if it is a refusal: an attempt that arrives late must not do what was refused.
 *
 * @throws PresenceError `busy` if others keep changing it
 */
export async function change<Status extends string, Row extends Moving<Status>>(
  context: CallContext,
  work: Work<Row>,
  kind: Kind<Status>,
  edit: Edit<Row, Status>,
  deadline: Deadline,
): Promise<Outcome<{ readonly row: Row }>> {
  for (;;) {
    const made = await earlierAttempt<Noted<Row>>(context, deadline)
    if (made) return 'stored' in made ? told(made.stored, made.at) : made
    const plan = planOf(kind, await work.find(edit.id, deadline), edit)
    if ('answer' in plan) {
      if (!context.once || (await context.store.note(onceWith(context.once, plan), deadline)))
        return plan.answer
      continue
    }
    const { was, row } = plan
    const revision = crypto.randomUUID()
    const once = context.once && onceWith(context.once, { answer: { ok: true, row }, isChange: true })
    const written = await work.change(row, was, revision, deadline, once)
    const now = await work.find(edit.id, deadline)
    // The answer may have been lost and the statement sent again.
    if (written || now?.revision === revision) return { ok: true, row: now?.row ?? row }
    await pauseOrGiveUp(kind.name, edit.id, deadline)
  }
}

/** The row to write, or the answer if there is nothing to write. */
function planOf<Status extends string, Row extends Moving<Status>>(
  kind: Kind<Status>,
  was: Revised<Row> | undefined,
  edit: Edit<Row, Status>,
): { readonly was: Revised<Row>; readonly row: Row } | { readonly answer: Outcome<{ readonly row: Row }> } {
  if (!was) return { answer: notFound(kind.name, edit.id) }
  const refused = whyNot(kind, was, edit)
  if (refused) return { answer: refused }
  const row = changed(was.row, edit)
  return isSame(row, was.row) ? { answer: { ok: true, row: was.row } } : { was, row }
}

/** What is stored of an attempt. */
interface Noted<Row> {
  readonly answer: Outcome<{ readonly row: Row }>
  /** Whether it changed the row, at the time of its note. */
  readonly isChange?: true
}

function told<Row>({ answer, isChange }: Noted<Row>, at: Date): Outcome<{ readonly row: Row }> {
  return answer.ok && isChange ? { ok: true, row: { ...answer.row, updatedAt: at } } : answer
}

export function notFound(name: string, id: string): Refused {
  return refuse({
    code: 'not_found',
    message: `there is no ${name} ${id}, or it is no longer kept`,
    remedy: `look it up in the list of all ${name}s`,
    id,
  })
}

/** The refusal to add an item to a workflow that has ended. */
export function endedAlready<Status extends string>(
  { name, course }: Kind<Status>,
  { id, status, movedBy }: Moving<Status>,
): Refused {
  return refuse({
    code: 'not_moved',
    message: `the ${name} ${id} has ended: ${oneLine(cutTo(movedBy, 60))} moved it to ${status}`,
    remedy: `to continue it, reopen it as ${course.reopened.join(' or ')}`,
    id,
    from: status,
    to: course.reopened[0] ?? status,
    by: movedBy,
    allowed: allowedFrom(course, status, false),
  })
}

function changed<Status extends string, Row extends Moving<Status>>(
  row: Row,
  { by, fields, to }: Edit<Row, Status>,
): Row {
  const moves = to !== undefined && to !== row.status
  return { ...row, ...fields, ...(moves ? { status: to, movedBy: by } : {}) }
}

function isSame<Row extends object>(a: Row, b: Row): boolean {
  return (Object.keys(a) as (keyof Row)[]).every(key => a[key] === b[key])
}

/** A status that this session itself set is not refused: the answer to that call may have been lost. */
function whyNot<Status extends string, Row extends Moving<Status>>(
  { name, course }: Kind<Status>,
  { row }: Revised<Row>,
  { by, to, reopen }: Edit<Row, Status>,
): Refused | undefined {
  if (to === undefined || (to === row.status && row.movedBy === by)) return undefined
  const allowed = allowedFrom(course, row.status, reopen)
  if (allowed.includes(to)) return undefined
  const by_ = oneLine(cutTo(row.movedBy, 60))
  const isEnd = course.isEnd[row.status]
  const goes = isEnd ? course.reopened : course.next[row.status]
  return refuse({
    code: 'not_moved',
    message:
      to === row.status
        ? `the ${name} ${row.id} is ${to} already (set by ${by_})`
        : `the ${name} ${row.id} is ${row.status} (set by ${by_}) and can't move to ${to}`,
    remedy:
      isEnd && !reopen
        ? `it has ended; to continue it, reopen it as ${course.reopened.join(' or ')}`
        : `from ${row.status} it can move to ${goes.join(', ')}`,
    id: row.id,
    from: row.status,
    to,
    by: row.movedBy,
    allowed,
  })
}

async function pauseOrGiveUp(name: string, id: string, deadline: Deadline): Promise<void> {
  if (deadline.remainingMs() < 50)
    throw new PresenceError('busy', `others keep changing the ${name} ${id}`, 'try again')
  await deadline.pause(2 + Math.random() * 10)
}
