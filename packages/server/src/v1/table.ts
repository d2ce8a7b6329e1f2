import type { z } from '@hono/zod-openapi'
import type { Refused } from '@presence/core'
import type { AnswerOf, CallName, InputOf, InputWire, Wire } from '@presence/core/internal'

/** How the server documents and validates a call. The library itself executes the call. */
export interface Served<Name extends CallName> {
  readonly summary: string
  /** Its input, without the caller's fields. */
  readonly input: z.ZodType<InputWire<InputOf<Name>>>
  /** Rules that span several fields, as JSON Schema for the document. */
  readonly rules?: { readonly anyOf?: { required: string[] }[]; readonly not?: { required: string[] } }
  /** Its answer, unless it is refused. */
  readonly answer: z.ZodType<Wire<Exclude<AnswerOf<Name>, Refused>>>
}

export type CallTable = { readonly [Name in CallName]: Served<Name> }
