import type { IncomingMessage } from 'node:http'

/** How many bytes of an answer are read at most. */
const ANSWER_BYTES_MAX = 65_536

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/**
 * Sends JSON to a server. Follows no redirect.
 *
 * @param ms the time limit for the whole call
 * @throws Error with the reason if there is no answer, in words that continue after the server's name
 */
export function postJson(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  ms: number,
): Promise<Answer> {
  // Loaded only here, because loading them takes longer than everything else that a hook does.
  const { request } = url.startsWith('https:')
    ? process.getBuiltinModule('node:https')
    : process.getBuiltinModule('node:http')
  return new Promise((resolve, reject) => {
    const bytes = Object.entries(headers).map(([name, value]) => [name, inBytes(value)])
    const asked = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...Object.fromEntries(bytes) },
      agent: false,
      signal: AbortSignal.timeout(Math.trunc(ms)),
    })
    const fail = (error: NodeJS.ErrnoException) => reject(new Error(reasonOf(error, ms)))
    asked.on('response', (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        if (text.length > ANSWER_BYTES_MAX) asked.destroy(new Error('sends too much'))
      })
      response.on('error', fail)
      const { statusCode: status = 0, headers } = response
      response.on('end', () => resolve({ status, headers, body: text }))
    })
    asked.on('error', fail)
    asked.end(body)
  })
}

/** A header contains bytes: the text as UTF-8, without control characters. */
function inBytes(text: string): string {
  return Buffer.from(text.replaceAll(/\p{Cc}/gu, ' ')).toString('latin1')
}

function reasonOf({ name, code, message }: NodeJS.ErrnoException, ms: number): string {
  if (name === 'TimeoutError' || name === 'AbortError') return `gave no answer within ${Math.trunc(ms)} ms`
  if (code === 'ECONNREFUSED') return 'is not there: nothing listens'
  return code === undefined ? message : `can't be asked (${code})`
}
