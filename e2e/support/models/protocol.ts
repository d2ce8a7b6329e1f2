/** A call of one of the agent's tools. */
export interface Call {
  readonly tool: string
  readonly input: object
  /** The group that the tool is in, for a protocol that has groups of tools. */
  readonly namespace?: string
}

/** What the model does in a turn: it calls tools, or prints text and is done. */
export type Turn = Call | { readonly calls: readonly Call[] } | { readonly text: string }

/** The turns that a model plays. A function gets what the model was told since the turn before. */
export type Script = readonly (Turn | ((news: string) => Turn))[]

/** How an agent talks to its model. */
export interface Protocol {
  /**
   * The messages of a request: everything that was said so far. Undefined for a request that isn't a turn of
   * the conversation, such as one for a title.
   */
  read(url: string, body: string): readonly unknown[] | undefined
  /**
   * The answer to a turn: a stream of events, as one text.
   *
   * @param id unique, also among the turns of a conversation that was resumed
   */
  answer(turn: Turn, id: string): string
}

/** The calls of a turn; none if it is text. */
export function callsOf(turn: Turn): readonly Call[] {
  return 'calls' in turn ? turn.calls : 'tool' in turn ? [turn] : []
}

/** An event of a stream (server-sent events). */
export function eventOf(data: { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
}
