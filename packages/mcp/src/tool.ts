import type { ToolAnnotations } from '@modelcontextprotocol/server'
import type { Board } from '@presence/core'
import type * as z from 'zod/v4'

/** One call of a tool, as the session that makes it. */
export interface Call {
  readonly board: Board
  /** The session's id. */
  readonly me: string
  /** It named that id itself, and nothing tells that it spoke as that before: it may be another's. */
  readonly isNew: boolean
  /** As what it spoke until now, where that was another id. */
  readonly before: string | undefined
  /** Fires when the client gave the call up. */
  readonly signal: AbortSignal
  /** Tells the client that the call goes on, and how: clients end calls that they hear nothing of. */
  progress(message: string): void
}

/** What a tool answers: for people and models, and for programs. */
export interface Answer<T> {
  /** A line each. What others wrote in it is quoted, on one line and cut. */
  readonly lines: readonly string[]
  readonly data: T
  /** What is not the answer and should be known all the same: who came onto my labels, what lapsed. */
  readonly notes?: readonly string[]
  /** The session's claims have changed. */
  readonly changed?: boolean
}

/** Arguments that can't be taken: `message` says what was wrong, and what to send. */
export class BadArguments extends Error {}

export interface Tool<In extends z.ZodObject = z.ZodObject, Out extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** Agents pay for each word of it in their context. */
  readonly description: string
  readonly input: In
  readonly output: Out
  readonly annotations: ToolAnnotations
  /** It says who the session is, or is the session's own beat: no heartbeat goes before it. */
  readonly beats?: boolean
  /**
   * @throws BadArguments
   * @throws PresenceError where the board gives no answer
   */
  run(call: Call, args: z.output<In>): Promise<Answer<z.input<Out>>>
}

/** A tool whose arguments and answer its own schemas type. */
export function tool<In extends z.ZodObject, Out extends z.ZodObject>(definition: Tool<In, Out>): Tool {
  return definition as unknown as Tool
}

/** Only looks. */
export const LOOKS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
}

/** Writes what the session says of itself; to say it twice is to say it once. */
export const SAYS: ToolAnnotations = { ...LOOKS, readOnlyHint: false }
