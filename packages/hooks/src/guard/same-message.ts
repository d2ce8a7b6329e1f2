import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { isObject } from '@presence/core/internal'

/** How much of a transcript's end is read, in bytes. */
const TAIL_BYTES = 524_288

/**
 * True if the agent issued one of these calls in the same message as another call: then it issued it before it could
 * read the refusal of the other. False if the transcript doesn't show that.
 *
 * @param transcript the file in which Claude Code keeps its messages, one JSON object a line
 */
export function isInOneMessage(
  transcript: string | undefined,
  callId: string,
  refused: readonly string[],
): boolean {
  if (transcript === undefined || refused.includes(callId)) return refused.includes(callId)
  const messages = new Map<string, string>()
  for (const line of tailOf(transcript).split('\n')) {
    if (!line.includes('"tool_use"')) continue
    const { id, calls } = messageIn(line)
    for (const call of calls) messages.set(call, id)
  }
  const mine = messages.get(callId)
  return mine !== undefined && refused.some(call => messages.get(call) === mine)
}

/** One message may be on several lines, with one part on each: its id joins them. */
function messageIn(line: string): { readonly id: string; readonly calls: readonly string[] } {
  try {
    const read: unknown = JSON.parse(line)
    const message = isObject(read) ? read['message'] : undefined
    if (!isObject(message) || !Array.isArray(message['content'])) return { id: '', calls: [] }
    const calls = message['content'].flatMap((part: unknown) =>
      isObject(part) && part['type'] === 'tool_use' && typeof part['id'] === 'string' ? [part['id']] : [],
    )
    return { id: typeof message['id'] === 'string' ? message['id'] : line, calls }
  } catch {
    return { id: '', calls: [] }
  }
}

/** The end of a regular file; nothing for anything else. Opening a pipe doesn't wait. */
function tailOf(path: string): string {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(file)
    if (!stat.isFile()) return ''
    const bytes = Buffer.alloc(Math.min(stat.size, TAIL_BYTES))
    const read = readSync(file, bytes, 0, bytes.length, Math.max(0, stat.size - TAIL_BYTES))
    return bytes.toString('utf8', 0, read)
  } catch {
    return ''
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
