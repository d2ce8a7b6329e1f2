import type { EventName, HookInput, HookOutput } from '../hook.ts'

/** Translates between one agent's protocol and ours: reads its payload, and writes an answer in its form. */
export interface Adapter {
  /** The agent's name on the board. */
  readonly name: string
  /** The event's name in Claude Code's terms; undefined for an event that presence doesn't handle. */
  eventOf(name: string): EventName | undefined
  /** Reads a payload. It comes from outside, so any field may be missing or have another type. */
  read(payload: Payload, event: EventName): HookInput
  /** The names of the tools for the agent's own task lists, which no other session sees. */
  readonly taskTools: ReadonlySet<string>
  /**
   * How a command that the agent runs finds its session. `by-exports`: in a file of exports that the agent
   * reads, or in its own exports. `by-process`: through the agent's process, from which hook and command both
   * descend. `by-words`: only from the text that the agent was given.
   */
  readonly commandsKnow: 'by-exports' | 'by-process' | 'by-words'
  /** The object that the agent expects on standard output; undefined to print nothing. */
  write(output: HookOutput, event: EventName, name: string): object | undefined
}

export type Payload = Readonly<Record<string, unknown>>

/** The first of these fields that is a non-empty string; undefined if there is none. */
export function textOf(payload: Payload, ...names: readonly string[]): string | undefined {
  const found = names.map(name => payload[name]).find(value => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : undefined
}
