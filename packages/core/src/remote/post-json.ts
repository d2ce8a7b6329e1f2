import { plain, quoted } from '../domain/agent-text.ts'
import { objectIn } from '../domain/object.ts'
import { exchange, TOO_LARGE } from './exchange.ts'
import type { HttpAnswer } from './message.ts'

/** How many bytes of an answer are read at most. */
const ANSWER_BYTES_MAX = 65_536
/** How many characters of a server's reason are shown. */
const SAID_MAX = 400

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
  const { request } =
    URL.parse(url)?.protocol === 'https:'
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

/** What a presence server says about a request that it refused; undefined if it says nothing. */
export function refusalIn({ body }: Pick<HttpAnswer, 'body'>) {
  const { error } = (objectIn(body) ?? {}) as { error?: { message?: unknown; remedy?: unknown } }
  if (typeof error?.message !== 'string' || typeof error.remedy !== 'string') return undefined
  return { message: plain(error.message, SAID_MAX), remedy: plain(error.remedy, SAID_MAX) }
}

/** How a server answered, in words that continue after its name: `answered 403: it says "…"`. */
export function answered(answer: Pick<HttpAnswer, 'status' | 'body'>): string {
  const said = refusalIn(answer)
  return `answered ${answer.status}${said ? `: it says ${quoted(said.message)}` : ''}`
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
