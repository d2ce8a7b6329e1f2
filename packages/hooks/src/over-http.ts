import { objectIn, postJson, resolveIdentity } from '@presence/core/internal'
import type { HookInput } from './hook.ts'
import type { LocalHost } from './local-host.ts'
import { type Call, inWords, SPOKEN_ONCE, unknownSince } from './respond.ts'

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
    const body = JSON.stringify({ ...call.payload, session_id: input.sessionId })
    const headers = {
      ...(await headersFor(me, input, { host, env })),
      ...tokenFor(url, env),
      ...(host.probe ? { 'x-presence-probe': '1' } : {}),
    }
    const answer = await postJson(`${url}?event=${encodeURIComponent(call.name)}`, headers, body, deadlineMs)
    if (answer.status !== 200) throw new Error(`answered ${answer.status}`)
    host.passOn(answer.headers['x-presence-probe'])
    return answerIn(answer.body)
  } catch (error) {
    const reason = `the presence server ${(error as Error).message}`
    host.passOn(JSON.stringify({ event: call.event, unknown: reason }))
    const output = unknownSince(call.event, new Date(), reason)
    return inWords(call, output)
  } finally {
    if (call.event === 'SessionEnd') host.end(input)
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
  const isSafe = /^https:|^http:\/\/(localhost|127(\.\d+){3}|\[::1\])[:/]/.test(url)
  return token && isSafe ? { authorization: `Bearer ${token}` } : {}
}

/** @throws Error if the text is not a JSON object */
function answerIn(text: string): object | undefined {
  const answer = objectIn(text || '{}')
  if (!answer) throw new Error('answered without a JSON object')
  return Object.keys(answer).length === 0 ? undefined : answer
}
