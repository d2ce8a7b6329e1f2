import type { Payload } from '@presence/hooks'
import { parse } from 'jsonc-parser'

/** Kept of a payload, in bytes: who and which moment it is stands at its beginning, a tool's whole answer behind that. */
const KEPT_BYTES = 65_536
/** Read of it, in bytes, before the rest is left where it is. */
const READ_BYTES_MAX = 32 * 1024 * 1024

/**
 * What an agent says of a moment. One with a long answer of a tool in it is read to its end, for to refuse it would show as an
 * error in the agent, and only its beginning is kept. What is no JSON object is an empty one.
 */
export async function readPayload(body: ReadableStream<Uint8Array> | null): Promise<Payload> {
  const kept: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body ?? []) {
      if (length < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - length))
      length += chunk.length
      if (length > READ_BYTES_MAX) break
    }
    return objectIn(Buffer.concat(kept).toString('utf8'), length > KEPT_BYTES)
  } catch {
    // It ended before its time, or is nothing that can be read.
    return {}
  }
}

function objectIn(text: string, isCut: boolean): Payload {
  // The second reads on where JSON breaks off.
  const value: unknown = isCut ? parse(text) : JSON.parse(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {}
}
