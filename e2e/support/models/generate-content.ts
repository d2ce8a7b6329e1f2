import { callsOf, type Protocol } from './protocol.ts'

/** A stand-in for Google's Gemini API, which Gemini CLI uses. */
export const generateContent: Protocol = {
  read: (url, body) =>
    url.includes(':streamGenerateContent') && body.includes('"functionDeclarations"')
      ? (JSON.parse(body) as { contents: readonly unknown[] }).contents
      : undefined,

  answer: turn => {
    const parts = [
      ...callsOf(turn).map(({ tool, input }) => ({ functionCall: { name: tool, args: input } })),
      ...('text' in turn ? [{ text: turn.text }] : []),
    ]
    const candidate = { content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }
    return `data: ${JSON.stringify({ candidates: [candidate], usageMetadata })}\n\n`
  },
}
