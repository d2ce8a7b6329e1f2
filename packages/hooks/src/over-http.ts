import type { IncomingMessage } from 'node:http'
import { placeOf, resolveIdentity } from '@presence/core'
import type { LocalHost } from './local-host.ts'
import { type Call, inWords, SPOKEN_ONCE, unknownSince } from './respond.ts'

/** Of a server's answer so many bytes are read: a hook's text has at most 10,000 characters. */
const ANSWER_BYTES_MAX = 65_536

interface Options {
  /** Where a presence server takes this agent's hooks. */
  readonly url: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What the answer may take, in milliseconds. */
  readonly deadlineMs: number
}

/**
 * Has a server answer an event, and does here only what it can't: says which session this process is, and where it works.
 * For Claude Code's SessionStart, which can't be a request.
 *
 * @returns what the agent is to be told, in its own shape
 */
export async function respondOverHttp(
  call: Call & { readonly host: LocalHost },
  { url, env, deadlineMs }: Options,
): Promise<object | undefined> {
  const { adapter, host } = call
  const input = host.complete(adapter.read(call.payload, call.event))
  const me = host.sessionOf(input)
  if (SPOKEN_ONCE.has(call.event) && !host.isFirst(input, call.event, call.payload)) return undefined
  if (call.event === 'SessionStart' && me !== undefined && !host.probe) host.begin(input, me)
  try {
    const body = JSON.stringify({ ...call.payload, session_id: input.sessionId })
    const headers = {
      ...headersFor(me, input.cwd, env),
      ...tokenFor(url, env),
      ...(host.probe ? { 'x-presence-probe': '1' } : {}),
    }
    const answer = await post(`${url}?event=${encodeURIComponent(call.name)}`, headers, body, deadlineMs)
    host.passOn(answer.headers['x-presence-probe'])
    return objectIn(answer.body)
  } catch (error) {
    const output = unknownSince(call.event, new Date(), `presence server: ${(error as Error).message}`)
    return inWords(call, output)
  } finally {
    if (call.event === 'SessionEnd') host.end(input)
  }
}

function headersFor(me: string | undefined, cwd: string, env: Options['env']): Record<string, string> {
  const identity = resolveIdentity(me, env)
  const session = identity.ok ? identity.value.session : undefined
  const { repo, branch } = placeOf(cwd)
  const values = {
    session: me,
    user: session?.user,
    host: session?.host,
    repo,
    branch,
  }
  const said = Object.entries(values).filter(([, value]) => value)
  return {
    'content-type': 'application/json',
    ...Object.fromEntries(said.map(([name, value]) => [`x-presence-${name}`, inBytes(value ?? '')])),
  }
}

/** Never in the clear over a network: anybody on the way could speak with it. */
function tokenFor(url: string, env: Options['env']): Record<string, string> {
  const token = env['PRESENCE_TOKEN']
  const isSafe = /^https:|^http:\/\/(localhost|127(\.\d+){3}|\[::1\])[:/]/.test(url)
  return token && isSafe ? { authorization: `Bearer ${token}` } : {}
}

/** A header holds bytes: those of UTF-8, and no control. */
function inBytes(text: string): string {
  return Buffer.from(text.replaceAll(/\p{Cc}/gu, ' ')).toString('latin1')
}

interface Answer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** @throws Error in one line, for anything but a success within the time */
function post(url: string, headers: Record<string, string>, body: string, ms: number): Promise<Answer> {
  const secure = url.startsWith('https:')
  // Only here: loading them takes longer than all else that a hook does.
  const { request } = secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, agent: false, signal: AbortSignal.timeout(ms) } as const
    const asked = request(url, options, (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        if (text.length > ANSWER_BYTES_MAX) asked.destroy(new Error('its answer is too long'))
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve({ headers: response.headers, body: text })
        else reject(new Error(`it answered ${response.statusCode}`))
      })
    })
    asked.on('error', error => reject(new Error(reasonOf(error))))
    asked.end(body)
  })
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'it gave no answer in time'
  return error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message
}

/** @throws Error for what is no JSON object */
function objectIn(text: string): object | undefined {
  const value: unknown = JSON.parse(text || '{}')
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('its answer is no JSON object')
  return Object.keys(value).length === 0 ? undefined : value
}
