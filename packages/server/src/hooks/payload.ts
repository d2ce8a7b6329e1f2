import { isObject } from '@presence/core/internal'
import type { Payload } from '@presence/hooks'
import { parse } from 'jsonc-parser'

/**
 * How many bytes of a payload are kept.
 * The session and the event come first, a tool's whole answer after them.
 */
const KEPT_BYTES = 65_536
/** How many bytes of a payload are read. The rest is not read. */
const READ_BYTES_MAX = 32 * 1024 * 1024

/**
 * Reads the payload of an agent's hook. A long payload is read to its end, because the agent would show a
 * refusal as an error, but only its beginning is kept. Anything but a JSON object becomes an empty object.
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
    // The body was cut off, or is not valid JSON.
    return {}
  }
}

function objectIn(text: string, isCut: boolean): Payload {
  // `parse` of jsonc-parser tolerates JSON that is cut off.
  const value: unknown = isCut ? parse(text) : JSON.parse(text)
  return isObject(value) ? value : {}
}
