import type { Call } from '../call.ts'
import type { History } from '../history.ts'
import type { Rule, Violation } from './rule.ts'

/** A message that was acknowledged or queued is in its addressee's inbox once, and in no other inbox. */
export const messages: Rule = {
  name: 'message-arrives-once',
  guarantee: 'G2',
  *judge({ history }) {
    const inboxes = history.calls.filter(call => call.verb === 'inbox' && call.outcome === 'ok')
    for (const inbox of inboxes) yield* misdelivered(inbox)
    const whole = inboxes.filter(call => !call.args.unreadOnly && !call.answer.more)
    const seen = new Map(
      whole.map(
        inbox => [inbox, new Set((inbox.answer.messages ?? []).map(({ subject }) => subject))] as const,
      ),
    )
    for (const send of history.calls) {
      if (send.verb !== 'send' || (send.outcome !== 'ok' && send.outcome !== 'queued')) continue
      const missed = whole.find(
        inbox =>
          inbox.session === send.args.to && inbox.start > send.effectEnd && !seen.get(inbox)?.has(send.id),
      )
      if (missed)
        yield {
          message: `a message from ${send.session} to ${missed.session} was ${send.outcome === 'ok' ? 'acknowledged' : 'queued'}, and is not in the inbox`,
          proof: [send, missed],
        }
    }
    yield* unread(history, inboxes)
  },
}

function* misdelivered(inbox: Call): Iterable<Violation> {
  const times = new Set<string>()
  for (const { subject, to } of inbox.answer.messages ?? []) {
    if (times.has(subject))
      yield { message: `the message ${subject} is twice in the inbox of ${inbox.session}`, proof: [inbox] }
    times.add(subject)
    if (to !== undefined && to !== inbox.session)
      yield { message: `${inbox.session} was given a message to ${to}`, proof: [inbox] }
  }
}

/** Messages that were marked as read stay read, and no others are read. */
function* unread({ calls }: History, inboxes: readonly Call[]): Iterable<Violation> {
  const reads = calls.filter(call => call.verb === 'read')
  const marked = new Map<string, Call[]>()
  for (const read of reads)
    for (const id of read.args.ids ?? []) {
      const key = `${read.session} ${id}`
      marked.set(key, [...(marked.get(key) ?? []), read])
    }
  for (const inbox of inboxes)
    for (const message of inbox.answer.messages ?? []) {
      const by = marked.get(`${inbox.session} ${message.id}`) ?? []
      const sure = by.find(read => read.outcome === 'ok' && read.end < inbox.start)
      if (sure && (message.readAt === undefined || message.unread))
        yield { message: `a message was marked as read, and is unread again`, proof: [sure, inbox] }
      if (
        message.readAt !== undefined &&
        !by.some(read => read.start < inbox.end && read.outcome !== 'refused')
      )
        yield { message: `a message is marked as read that ${inbox.session} never read`, proof: [inbox] }
    }
}
