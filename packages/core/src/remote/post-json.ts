import { exchange, TOO_LARGE } from './exchange.ts'
import type { HttpAnswer } from './message.ts'

/** How many bytes of an answer are read at most. */
const ANSWER_BYTES_MAX = 65_536

/**
 * Sends JSON to a URL, on a connection of its own. Follows no redirect.
 *
 * @param ms the time limit for the whole call
 * @throws Error with the reason if there is no answer, in words that continue after the server's name
 */
export async function postJson(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  ms: number,
): Promise<HttpAnswer> {
  // Loaded only here, because loading them takes longer than everything else that a hook does.
  const { request } = url.startsWith('https:')
    ? process.getBuiltinModule('node:https')
    : process.getBuiltinModule('node:http')
  const bytes = Object.entries(headers).map(([name, value]) => [name, inBytes(value)])
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...Object.fromEntries(bytes) },
    agent: false,
    signal: AbortSignal.timeout(Math.trunc(ms)),
  }
  try {
    return await exchange(() => request(url, options), body, ANSWER_BYTES_MAX)
  } catch (error) {
    throw new Error(reasonOf(error as NodeJS.ErrnoException, ms))
  }
}

/** A header contains bytes: the text as UTF-8, without control characters. */
function inBytes(text: string): string {
  return Buffer.from(text.replaceAll(/\p{Cc}/gu, ' ')).toString('latin1')
}

function reasonOf({ name, code, message }: NodeJS.ErrnoException, ms: number): string {
  if (name === 'TimeoutError' || name === 'AbortError') return `gave no answer within ${Math.trunc(ms)} ms`
  if (code === 'ECONNREFUSED') return 'is not there: nothing listens'
  if (code === TOO_LARGE) return 'sends too much'
  return code === undefined ? message : `can't be asked (${code})`
}
