import type { Ending, ShellCall } from '../guard/tool-call.ts'
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
   * True if the agent's commands can't find their session by themselves, so that the agent is told to name it in
   * each command. Others find it by variables or by the agent's process.
   */
  readonly namesSession: boolean
  /** The object that the agent expects on standard output; undefined to print nothing. */
  write(output: HookOutput, event: EventName, name: string): object | undefined
  /** The command that the agent's shell tool is to run, or ran; undefined for any other tool. */
  shell(payload: Payload): ShellCall | undefined
  /** How a tool call ended; undefined if it was interrupted, so that nobody knows how far it came. */
  ending(payload: Payload, event: EventName): Ending | undefined
  /** The agent's names of the events at which a hook can let the agent's person decide. */
  readonly asks: ReadonlySet<string>
  /** Reads an answer that another presence wrote with `write`. Everything else in it is left out. */
  hear(answer: Payload): Answered
}

/** What an answer says. A reason may be one for a tool or for a prompt: the event decides. */
export interface Answered {
  readonly context: string | undefined
  readonly deny: string | undefined
  readonly block: string | undefined
}

export type Payload = Readonly<Record<string, unknown>>

/** The first of these fields that is a non-empty string; undefined if there is none. */
export function textOf(payload: Payload, ...names: readonly string[]): string | undefined {
  const found = names.map(name => payload[name]).find(value => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : undefined
}
