import { z } from '@hono/zod-openapi'
import type { Compliance, Guarded, Settled } from '@presence/core'
import type { Wire } from '@presence/core/internal'
import { type inputs, maybe, WriteKey } from './inputs.ts'
import { ClaimShape, CoClaims, Count, LapsedShape, Ok, Overlaps, Time } from './shapes.ts'
import type { CallTable } from './table.ts'
import { Id } from './work-inputs.ts'

const Claims = z.array(ClaimShape)
const Mode = z.enum(['note', 'pause', 'deny', 'require'])
/** An id that an agent made, as core checks it. */
const AgentsId = z
  .string()
  .max(128)
  .regex(/^[\x21-\x7e]+$/)
const CallId = AgentsId.openapi({
  description:
    'the agent\u2019s own id of the tool call: a call that is repeated with it has the same decision',
  example: 'toolu_01A09q90qw90lq917835lq9',
})

const GuardedTargetShape = z
  .object({
    resource_label: z.string(),
    mode: Mode,
    own: z.enum(['by-hand', 'auto']),
    others: Claims,
    overlaps: Overlaps,
    maybe_same: Claims,
    lapsed: Claims,
    refused: z.enum(['paused', 'denied', 'required', 'exclusive']).nullable(),
    keys: z.array(z.string()),
    proceeded: z.boolean(),
    is_first: z.boolean(),
    event: z.string(),
  })
  .openapi('GuardedTarget')

const GuardedShape = z
  .object({
    ...Ok,
    as_of: Time,
    decision: z.enum(['through', 'refused']),
    targets: z.array(GuardedTargetShape),
    co_claims: CoClaims,
    stolen: z.array(LapsedShape),
  })
  .openapi('Guarded') satisfies z.ZodType<Wire<Guarded>>

const SettledShape = z
  .object({ ...Ok, as_of: Time, labels: z.array(z.string()) })
  .openapi('Settled') satisfies z.ZodType<Wire<Settled>>

const ComplianceShape = z
  .object({
    ...Ok,
    as_of: Time,
    rows: z.array(
      z
        .object({
          kind: z.string(),
          week: z.string().openapi({ description: 'the ISO week in UTC', example: '2026-W09' }),
          changed: Count,
          by_hand: Count,
          automatic: Count,
          collided: Count,
          paused: Count,
          heeded: Count,
          proceeded: Count,
          refused: Count,
          reported_wrong: Count,
        })
        .openapi('ComplianceRow'),
    ),
  })
  .openapi('Compliance') satisfies z.ZodType<Wire<Compliance>>

/** The calls of the guard. */
export function guardVerbs(
  input: ReturnType<typeof inputs>,
): Pick<CallTable, 'guard' | 'settle' | 'compliance' | 'mark-wrong'> {
  return {
    guard: {
      summary: 'Decide on a command that is about to run, and claim the labels that it would change',
      input: z.object({
        call_id: CallId,
        purpose: input.purpose,
        targets: z
          .array(
            z.object({
              ...input.OnLabel,
              mode: Mode,
              told: maybe(
                // As many as fit into a body, with the longest labels and ids.
                z.array(z.string().max(420)).max(140).openapi({
                  description: 'the `keys` of an earlier refusal that the agent was told of',
                }),
              ),
            }),
          )
          .min(1)
          .max(100),
        subagent: maybe(AgentsId),
        ttl_seconds: maybe(z.number().int().min(1).max(86_400)),
        background: maybe(z.boolean()),
        write_key: maybe(WriteKey),
      }),
      answer: GuardedShape,
    },
    settle: {
      summary: 'Say how a guarded command ended: its automatic claims then end',
      input: z.object({
        call_id: CallId,
        outcome: z.enum(['succeeded', 'failed', 'ended', 'background']),
        exit_status: maybe(z.number().int().min(-2_147_483_647).max(2_147_483_647)),
      }),
      answer: SettledShape,
    },
    compliance: {
      summary: 'Count the guarded commands per kind of label and week: 90 days are kept',
      input: z.object({
        commands_since: z.iso.datetime({ offset: true }).openapi({ format: 'date-time' }),
      }),
      answer: ComplianceShape,
    },
    'mark-wrong': {
      summary: 'Mark a decision of the guard as wrong',
      input: z.object({
        decision: Id.openapi({ description: 'the `event` of a guarded label' }),
        note: maybe(input.note),
      }),
      answer: z.object(Ok).openapi('MarkedWrong'),
    },
  }
}
