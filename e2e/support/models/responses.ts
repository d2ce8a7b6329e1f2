import { callsOf, eventOf, type Protocol } from './protocol.ts'

/** A stand-in for OpenAI's Responses API, which Codex uses. */
export const responses: Protocol = {
  read: (url, body) => {
    if (url !== '/v1/responses') return undefined
    const { input, tools } = JSON.parse(body) as { input: readonly unknown[]; tools?: readonly unknown[] }
    return tools?.length ? input : undefined
  },

  answer: (turn, id) => {
    const items = [
      ...callsOf(turn).map(({ tool, input, namespace }, at) => ({
        type: 'function_call',
        id: `fc_${id}_${at}`,
        call_id: `call_${id}_${at}`,
        name: tool,
        arguments: JSON.stringify(input),
        ...(namespace === undefined ? {} : { namespace }),
      })),
      ...('text' in turn
        ? [
            {
              type: 'message',
              id: `msg_${id}`,
              role: 'assistant',
              content: [{ type: 'output_text', text: turn.text }],
            },
          ]
        : []),
    ]
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
    const events = [
      { type: 'response.created', response: { id: `resp_${id}` } },
      ...items.map((item, output_index) => ({ type: 'response.output_item.done', output_index, item })),
      { type: 'response.completed', response: { id: `resp_${id}`, usage } },
    ]
    return events.map(eventOf).join('')
  },
}
