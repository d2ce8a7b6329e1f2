import { isObject } from '@presence/core/internal'

type Payload = Readonly<Record<string, unknown>>

/** A command that the agent's shell tool is to run, or ran. */
export interface ShellCall {
  readonly command: string
  /** The folder that the call names for itself; relative to the agent's, if it isn't absolute. */
  readonly folder?: string | undefined
  /** The tool's own time limit, in milliseconds; undefined for the tool's default. */
  readonly timeoutMs?: number | undefined
  readonly isBackground: boolean
}

/** How a tool call ended. */
export interface Ending {
  /** `ended`: the agent doesn't say how. */
  readonly outcome: 'succeeded' | 'failed' | 'ended' | 'background'
  readonly exitStatus?: number | undefined
}

/** The object in a field of a payload; an empty one if there is none. */
export function partOf(payload: Payload, name: string): Payload {
  const part = payload[name]
  return isObject(part) ? (part as Payload) : {}
}

/** The call in a payload whose `tool_input` has these fields; undefined if it has no command. */
export function callIn(
  payload: Payload,
  fields: { readonly folder?: readonly string[]; readonly background?: string } = {},
): ShellCall | undefined {
  const input = partOf(payload, 'tool_input')
  const { command, timeout } = input
  if (typeof command !== 'string' || command === '') return undefined
  const folder = fields.folder?.map(name => input[name]).find(each => typeof each === 'string' && each !== '')
  return {
    command,
    isBackground: input[fields.background ?? 'run_in_background'] === true,
    ...(typeof folder === 'string' ? { folder } : {}),
    ...(typeof timeout === 'number' && timeout > 0 ? { timeoutMs: timeout } : {}),
  }
}

/** The ending with this exit status. */
export function endingOf(exitStatus: number): Ending {
  return { outcome: exitStatus === 0 ? 'succeeded' : 'failed', exitStatus }
}
