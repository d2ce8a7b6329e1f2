import type { ClientRequest, IncomingMessage } from 'node:http'
import type { HttpAnswer } from './message.ts'

/** The code of the error for an answer that is longer than allowed. */
export const TOO_LARGE = 'TOO_LARGE'

/**
 * Sends a request and reads its whole answer. It follows no redirect.
 *
 * @param begin makes the request, with everything but its body
 * @param bytesMax how long the answer may be
 * @throws Error the connection's error, or one with the code `TOO_LARGE`
 */
export async function exchange(
  begin: () => ClientRequest,
  body: string | undefined,
  bytesMax: number,
): Promise<HttpAnswer> {
  const request = begin()
  let response: IncomingMessage
  try {
    response = await new Promise((resolve, reject) => {
      request.on('response', resolve).on('error', reject)
      request.end(body)
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isStale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
    // Most likely the server closed a connection that was kept open, and never saw the request. Sending it
    // again is safe even if the server has seen it: see `Client`.
    if (isStale) return exchange(begin, body, bytesMax)
    throw error
  }
  const { statusCode: status = 0, headers } = response
  return { status, headers, body: await read(response, bytesMax) }
}

async function read(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bytesMax) throw Object.assign(new Error('the answer is too long'), { code: TOO_LARGE })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
