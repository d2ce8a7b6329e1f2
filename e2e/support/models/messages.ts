import { callsOf, eventOf, type Protocol } from './protocol.ts'

/** A stand-in for Anthropic's Messages API, which Claude Code uses. */
export const messages: Protocol = {
  read: (url, body) =>
    url.startsWith('/v1/messages?') && body.includes('"tools":[{')
      ? (JSON.parse(body) as { messages: readonly unknown[] }).messages
      : undefined,

  answer: (turn, id) => {
    const calls = callsOf(turn)
    const usage = { input_tokens: 1, output_tokens: 1 }
    const message = { id: `msg_${id}`, type: 'message', role: 'assistant', model: 'stand-in', content: [] }
    const blocks = [
      ...calls.map(({ tool, input }, at) => ({
        content_block: { type: 'tool_use', id: `toolu_${id}_${at}`, name: tool, input: {} },
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      })),
      ...('text' in turn
        ? [{ content_block: { type: 'text', text: '' }, delta: { type: 'text_delta', text: turn.text } }]
        : []),
    ]
    const events = [
      {
        type: 'message_start',
        message: { ...message, stop_reason: null, stop_sequence: null, usage },
      },
      ...blocks.flatMap(({ content_block, delta }, index) => [
        { type: 'content_block_start', index, content_block },
        { type: 'content_block_delta', index, delta },
        { type: 'content_block_stop', index },
      ]),
      {
        type: 'message_delta',
        delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
        usage: { output_tokens: 1 },
      },
      { type: 'message_stop' },
    ]
    return events.map(eventOf).join('')
  },
}
