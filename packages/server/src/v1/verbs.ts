import { z } from '@hono/zod-openapi'
import { MESSAGE_KINDS } from '@presence/core'
import { guardVerbs } from './guard-verbs.ts'
import { inputs, LockKey, maybe, WriteKey } from './inputs.ts'
import * as shape from './shapes.ts'
import type { CallTable } from './table.ts'
import * as work from './work-inputs.ts'
import { WORK_VERBS } from './work-verbs.ts'

const NOTHING = z.object({})

/**
 * Every verb of the facade. A missing verb, or one whose answer differs from the library's, doesn't compile.
 */
export function verbsOf(kinds: readonly string[]): CallTable {
  const input = inputs(kinds)
  const said = { id: work.Id, said_at: z.iso.datetime({ offset: true }).openapi({ format: 'date-time' }) }
  return {
    ...WORK_VERBS,
    about: {
      summary: "The server's version, and where its board is",
      input: NOTHING,
      answer: shape.AboutShape,
    },
    claim: {
      summary: 'Make a shared claim on a label, and list who else holds it',
      input: z.object({ ...input.Own, write_key: maybe(WriteKey) }),
      answer: shape.ClaimedShape,
    },
    'take-back': {
      summary: 'End only the claim of this session that has this write key',
      input: z.object({
        ...input.OnLabel,
        write_key: WriteKey,
        before: maybe(
          z.object({ purpose: z.string(), ttl_seconds: z.number().int().min(1).max(86_400) }).openapi({
            description:
              'the purpose and ttl that the claim had before this write. They are restored if no later write changed the claim. If the purpose is blank, neither is restored',
          }),
        ),
      }),
      answer: shape.TakenBackShape,
    },
    'claim-exclusively': {
      summary: 'Claim a label exclusively, or extend an exclusive claim of this session',
      input: z.object({ ...input.Exclusive, write_key: maybe(LockKey) }),
      answer: shape.AcquiredShape,
    },
    acquire: {
      summary: 'Claim a label exclusively, unless this session already holds it exclusively',
      input: z.object({ ...input.Exclusive, write_key: maybe(LockKey) }),
      answer: shape.AcquiredShape,
    },
    poll: {
      summary: 'Check whether it is my turn in the wait queue of a label, and claim it if so',
      input: z.object({
        ...input.Exclusive,
        reentrant: z.boolean(),
        write_key: LockKey,
        waiter: LockKey,
        keep_alive: z.boolean().openapi({
          description:
            'enter the wait queue, or stay in it: a session that does not call again within 6 s loses its place',
        }),
      }),
      answer: shape.PolledShape,
    },
    'cancel-wait': {
      summary:
        'Leave the wait queue of a label, or take back a claim that may have been granted although the answer was lost',
      input: z.object({
        ...input.OnLabel,
        waiter: maybe(LockKey),
        write_key: maybe(LockKey),
      }),
      answer: shape.WaitCancelledShape,
    },
    verify: {
      summary: 'Is this token the current one?',
      input: z.object(input.OnToken),
      answer: shape.VerifiedShape,
    },
    renew: {
      summary: 'Extend the exclusive claim that has this token',
      input: z.object(input.OnToken),
      answer: shape.VerifiedShape,
    },
    'release-lease': {
      summary: 'Release the exclusive claim that has this token, and no other',
      input: z.object({ ...input.OnToken, write_key: maybe(LockKey) }),
      answer: shape.LeaseReleasedShape,
    },
    steal: {
      summary: 'Take a label from its exclusive holder: this is recorded, and the holder is told',
      input: z.object({
        ...input.OnLabel,
        reason: input.note,
        purpose: maybe(input.purpose),
        ttl: input.ttl,
      }),
      answer: shape.StolenShape,
    },
    resolve: {
      summary: 'Clear the lapsed claims on a label, with a note on what you found',
      input: z.object({ ...input.OnLabel, note: input.note }),
      answer: shape.ResolvedShape,
    },
    ...guardVerbs(input),
    log: {
      summary: 'The history of claims: 30 days are kept',
      input: z.object({
        resource_label: maybe(input.OnLabel.resource_label),
        of: maybe(z.string().openapi({ description: 'only what this session did, and what concerns it' })),
        since: maybe(input.since),
        limit: maybe(z.number().int().min(1).max(10_000)),
      }),
      answer: shape.LoggedShape,
    },
    heartbeat: {
      summary: 'Extend each of my live claims to its own ttl, counted from now',
      input: NOTHING,
      answer: shape.SessionViewShape,
    },
    'heartbeat-and-list': {
      summary: 'Send a heartbeat, and list all live claims',
      input: z.object({ register: maybe(z.boolean()) }),
      answer: shape.HeartbeatAndListShape,
    },
    release: {
      summary: 'Release my claim on one label',
      input: z.object(input.OnLabel),
      answer: shape.ReleasedShape,
    },
    'release-all': {
      summary: 'Release all my claims',
      input: NOTHING,
      answer: shape.ReleasedShape,
    },
    list: {
      summary: 'The live claims: all, mine, or of one kind',
      input: z.object({
        mine: maybe(z.boolean()),
        kind: maybe(input.kind),
        latest: maybe(z.int().min(1).max(500)),
      }),
      answer: shape.ListedShape,
    },
    peek: {
      summary: 'The live claims on one label',
      input: z.object(input.OnLabel),
      answer: shape.ListedShape,
    },
    register: {
      summary: 'Register this session, and where it works',
      input: NOTHING,
      answer: shape.NothingShape,
    },
    deregister: {
      summary: 'End this session, and release all that it holds',
      input: NOTHING,
      answer: shape.ReleasedShape,
    },
    who: {
      summary:
        'The sessions that are registered or hold live claims; if any field is given, one page of them, in the order of their ids',
      input: z.object({
        all: maybe(z.boolean().openapi({ description: 'also inactive ones' })),
        state: maybe(z.enum(['live', 'stale', 'inactive'])),
        limit: work.Limit,
        after: maybe(z.string().openapi({ description: 'the `next` of the previous page' })),
        of: maybe(z.string().openapi({ description: 'only this session, in any state' })),
      }),
      answer: shape.WhoShape,
    },
    read: {
      summary:
        'The state that `presence watch` polls: the live claims on one label (`resource_label`) or on the whole board, or all claims of one session (`of`)',
      input: z.object({
        resource_label: maybe(input.OnLabel.resource_label),
        of: maybe(z.string()),
        events_since: maybe(z.iso.datetime({ offset: true }).openapi({ format: 'date-time' })),
      }),
      answer: shape.SnapshotShape,
    },
    now: {
      summary: 'The database’s time',
      input: NOTHING,
      answer: shape.NowShape,
    },
    replay: {
      summary:
        'Deliver a call from an outbox. It is done only once, and takes effect as of `said_at`, the database’s time when the call was made',
      input: z.discriminatedUnion('verb', [
        z.object({
          ...said,
          verb: z.literal('claim'),
          ...input.OnLabel,
          purpose: input.purpose,
          ttl_seconds: z.number().int().min(1).max(86_400),
          write_key: maybe(WriteKey),
        }),
        z.object({ ...said, verb: z.literal('heartbeat') }),
        z.object({
          ...said,
          verb: z.literal('release'),
          // It was checked when the entry was made, by the kinds of label of that time.
          resource_label: maybe(z.string().min(1).openapi({ example: 'node:k8s-1' })),
          write_key: maybe(WriteKey),
        }),
        z.object({
          ...said,
          verb: z.literal('message'),
          to_session: maybe(work.SessionOf),
          project_key: maybe(work.Project),
          kind: z.enum(MESSAGE_KINDS),
          subject: work.Subject,
          body: work.Body,
        }),
        z.object({
          ...said,
          verb: z.literal('component'),
          project_key: work.Project,
          component: work.ComponentName,
          state: work.State,
          version: maybe(work.Version),
          notes: maybe(work.Notes),
        }),
      ]),
      answer: shape.ReplayShape,
    },
  }
}
