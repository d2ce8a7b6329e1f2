import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What the model does in a turn: it uses a tool, or prints text and is done. */
export type Turn = { readonly tool: string; readonly input: object } | { readonly text: string }

export interface Model {
  readonly url: string
  /**
   * The messages in each of the agent's requests that had tools: everything that the model would have read.
   */
  readonly asked: readonly string[]
}

/**
 * Replaces Anthropic's Messages API, which is not available here: it plays the given turns, independent of
 * the requests. The agent itself is the real one.
 */
export async function startModel(turns: readonly Turn[]): Promise<Model> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      if (!request.url?.startsWith('/v1/messages?') || !body.includes('"tools":[{'))
        return answerEmpty(response)
      asked.push(JSON.stringify((JSON.parse(body) as { messages: unknown }).messages))
      return take(turns[asked.length - 1] ?? { text: 'done' }, asked.length, response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

function answerEmpty(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"type":"error"}')
}

/** A turn as the event stream that the API sends. */
function take(turn: Turn, number: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (type: string, data: object = {}) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
  const usage = { input_tokens: 1, output_tokens: 1 }
  const isTool = 'tool' in turn
  const message = { id: `msg_${number}`, type: 'message', role: 'assistant', model: 'stand-in', content: [] }
  send('message_start', { message: { ...message, stop_reason: null, stop_sequence: null, usage } })
  const block = isTool
    ? { type: 'tool_use', id: `toolu_${number}`, name: turn.tool, input: {} }
    : { type: 'text', text: '' }
  send('content_block_start', { index: 0, content_block: block })
  const delta = isTool
    ? { type: 'input_json_delta', partial_json: JSON.stringify(turn.input) }
    : { type: 'text_delta', text: turn.text }
  send('content_block_delta', { index: 0, delta })
  send('content_block_stop', { index: 0 })
  const reason = isTool ? 'tool_use' : 'end_turn'
  send('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 1 } })
  send('message_stop')
  response.end()
}
