import type { z } from '@hono/zod-openapi'
import type { Board, Boards, Refused, Session, SpeakOptions, StoreSteps, Verbs, Wire } from '@presence/core'

/** The board as the calling session sees it, on which a verb is called. */
export interface Speaking {
  readonly board: Board
  readonly steps: StoreSteps
  readonly boards: Boards
  readonly session: Session
  readonly options: SpeakOptions
  /** The server's version. */
  readonly version: string
}

/** How a verb is served. */
export interface Served<Verb extends keyof Verbs> {
  readonly summary: string
  /** Its input, without the caller's fields. */
  readonly input: z.ZodType<Wire<Verbs[Verb]['input']>>
  /** Rules that span several fields, as JSON Schema for the document. */
  readonly rules?: { readonly anyOf?: { required: string[] }[]; readonly not?: { required: string[] } }
  /** Its answer, unless it is refused. */
  readonly answer: z.ZodType<Wire<Exclude<Verbs[Verb]['answer'], Refused>>>
  readonly call: (on: Speaking, input: Verbs[Verb]['input']) => Promise<Verbs[Verb]['answer']>
}

/** How each verb is served. */
export type VerbTable = { readonly [Verb in keyof Verbs]: Served<Verb> }
