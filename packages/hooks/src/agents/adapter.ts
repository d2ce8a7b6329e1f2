import type { EventName, HookInput, HookOutput } from '../hook.ts'

/** How one agent names things: its payload read, and an answer put into its words. */
export interface Adapter {
  /** Its name on the board. */
  readonly name: string
  /** Its event's name in Claude Code's terms, undefined for one that is none of ours. */
  eventOf(name: string): EventName | undefined
  /** What it says of a moment. Anything may be missing or of another type: the payload comes from outside. */
  read(payload: Payload, event: EventName): HookInput
  /** Its own task lists, which no other session sees, by their tools' names. */
  readonly taskTools: ReadonlySet<string>
  /**
   * How a command that the agent runs learns the session: by a file of exports that the agent reads, by the process that
   * both come from, or by words alone.
   */
  readonly commandsKnow: 'by-exports' | 'by-process' | 'by-words'
  /** The object that it expects on standard output; undefined for none. */
  write(output: HookOutput, event: EventName, name: string): object | undefined
}

export type Payload = Readonly<Record<string, unknown>>

/** A field that is a text, else nothing. */
export function textOf(payload: Payload, ...names: readonly string[]): string | undefined {
  const found = names.map(name => payload[name]).find(value => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : undefined
}
