import { PresenceError } from '@presence/core'
import {
  answered,
  isLoopbackUrl,
  isTrustedAddress,
  objectIn,
  originOf,
  postJson,
  resolveIdentity,
  untrustedAddress,
} from '@presence/core/internal'
import type { Payload } from './agents/adapter.ts'
import type { HookInput } from './hook.ts'
import type { LocalHost } from './local-host.ts'
import { type Call, heardIn, inWords, SPOKEN_ONCE, unknownSince } from './respond.ts'

interface Options {
  /** Where a presence server answers this agent's hooks. */
  readonly url: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** How long the answer may take, in milliseconds. */
  readonly deadlineMs: number
}

/**
 * Lets a server answer an event, and does here only what the server can't: determine which session this
 * process is, and where it works. Used for Claude Code's SessionStart, which can't be an HTTP request.
 *
 * @returns the answer in the agent's own form
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
    demandTrust(url, input, env)
    const body = JSON.stringify({ session_id: input.sessionId, ...call.payload })
    const headers = {
      ...(await headersFor(me, input, { host, env })),
      ...tokenFor(url, env),
      ...(host.probe ? { 'x-presence-probe': '1' } : {}),
    }
    const answer = await postJson(`${url}?event=${encodeURIComponent(call.name)}`, headers, body, deadlineMs)
    if (answer.status !== 200) throw new NotAnswered(answer)
    host.passOn(answer.headers['x-presence-probe'])
    return inWords(call, heardIn(call, answerIn(answer.body)))
  } catch (error) {
    const reason =
      error instanceof PresenceError ? host.explain(error) : `the presence server ${(error as Error).message}`
    const denied = error instanceof NotAnswered && (error.status === 401 || error.status === 403)
    const remedy = denied ? TOKEN : host.remedyFor(error)
    const code = denied ? 'access_denied' : error instanceof PresenceError ? error.code : undefined
    host.passOn(JSON.stringify({ event: call.event, unknown: reason, code, remedy }))
    const output = unknownSince(call.event, new Date(), reason, remedy)
    return inWords(call, output)
  } finally {
    if (call.event === 'SessionEnd') host.end(input)
  }
}

const TOKEN = 'give its token for this session in PRESENCE_SERVER_TOKEN, and start the agent again'

class NotAnswered extends Error {
  readonly status: number

  constructor(answer: Parameters<typeof answered>[0]) {
    super(answered(answer))
    this.status = answer.status
  }
}

/** Facts about the session that this machine knows and a server can't find out. */
async function headersFor(
  me: string | undefined,
  input: HookInput,
  { host, env }: { readonly host: LocalHost; readonly env: Options['env'] },
): Promise<Record<string, string>> {
  const identity = resolveIdentity(me, env)
  const { repo, branch, worktree } = host.hereOf(input)
  const role = await host.roleOf(input)
  const values = {
    session: me,
    user: identity.ok ? identity.value.session.user : undefined,
    host: identity.ok ? identity.value.session.host : undefined,
    repo,
    branch,
    worktree,
    project: await host.projectOf(input),
    role: role && JSON.stringify(role),
  }
  const said = Object.entries(values).filter(([, value]) => value)
  return Object.fromEntries(said.map(([name, value]) => [`x-presence-${name}`, value ?? '']))
}

/** The token, but never unencrypted over a network, where others could read and use it. */
function tokenFor(url: string, env: Options['env']): Record<string, string> {
  const token = env['PRESENCE_SERVER_TOKEN']
  const isSafe = URL.parse(url)?.protocol === 'https:' || isLoopbackUrl(url)
  return token && isSafe ? { authorization: `Bearer ${token}` } : {}
}

/**
 * Anybody may have written a project's settings, which name the address.
 *
 * @throws PresenceError `untrusted`
 */
function demandTrust(url: string, { cwd }: HookInput, env: Options['env']): void {
  const known = isTrustedAddress(url, cwd, env)
  if (!known) throw untrustedAddress(originOf(url) ?? hostOf(url))
}

/** A URL's host alone: the rest may contain a password. */
function hostOf(url: string): string {
  return URL.parse(url)?.host || 'an address that is not a URL'
}

/** @throws Error if the text is not a JSON object */
function answerIn(text: string): Payload {
  const answer = objectIn(text || '{}')
  if (!answer) throw new Error('answered without a JSON object')
  return answer
}
