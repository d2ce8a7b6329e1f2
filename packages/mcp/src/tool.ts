import type { ToolAnnotations } from '@modelcontextprotocol/server'
import type { Board } from '@presence/core'
import type * as z from 'zod'

/** One call of a tool, as the session that makes it. */
export interface Call {
  readonly board: Board
  /** The session's id. */
  readonly me: string
  /**
   * Whether the caller chose the id and is not known to have used it before. It may be another session's id.
   */
  readonly isNew: boolean
  /** The id that the caller used until now, if that was another one. */
  readonly before: string | undefined
  /** The argument `label` as it was sent, before the config's default scope and namespace completed it. */
  readonly typed: string | undefined
  /** Aborted when the client gives up the call. */
  readonly signal: AbortSignal
  /** Reports progress to the client. Clients end calls that report nothing for too long. */
  progress(message: string): void
}

/** A tool's answer: lines for people and models, data for programs. */
export interface Answer<T> {
  /** The lines of the text. Text from other sessions in them is quoted, cut and without line breaks. */
  readonly lines: readonly string[]
  readonly data: T
  /** Other news for the session: who else claimed its labels, and what lapsed. */
  readonly notes?: readonly string[]
  /** Whether the session's claims have changed. */
  readonly changed?: boolean
  /** The label that this call claimed. */
  readonly claimed?: string
}

/** Thrown for invalid arguments. `message` says what is wrong, and what to send. */
export class BadArguments extends Error {}

export interface Tool<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** Keep it short: it takes space in the context of every agent. */
  readonly description: string
  readonly input: In
  readonly output: Out
  readonly annotations: ToolAnnotations
  /** Whether the tool itself counts as a heartbeat, so that none is sent as a side effect. */
  readonly beats?: boolean
  /**
   * @throws BadArguments
   * @throws PresenceError if the board gives no answer
   */
  run(call: Call, args: z.output<In>): Promise<Answer<z.input<Out>>>
}

/** Defines a tool whose arguments and answer are typed by its own schemas. */
export function tool<In extends z.ZodObject, Out extends z.ZodObject>(definition: Tool<In, Out>): Tool {
  return definition as unknown as Tool
}

/** Annotations of a tool that only reads. */
export const LOOKS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
}

/** Annotations of a tool that writes the session's own data and is idempotent. */
export const SAYS: ToolAnnotations = { ...LOOKS, readOnlyHint: false }
