import type { Environment } from '@presence/core'
import { type HttpAnswer, postJson } from '@presence/core/internal'
import type { HttpHook } from './http-hook.ts'
import { headersFrom, isLoopback } from './http-hook.ts'

/**
 * True if the doctor may send the token to this address. Anybody may have written a project's settings, so
 * the token is sent only to this machine and to addresses from the user's own settings.
 */
export function mayHaveToken(url: string, own: boolean): boolean {
  return own || isLoopback(url)
}

/**
 * Sends a sample payload as the agent would.
 *
 * @throws Error with the reason if there is no answer
 */
export function ask(
  hook: HttpHook,
  payload: string,
  env: Environment,
  { ms, withToken }: { readonly ms: number; readonly withToken: boolean },
): Promise<HttpAnswer> {
  const { Authorization, ...headers } = headersFrom(hook, env)
  const token = withToken && Authorization !== undefined ? { Authorization } : {}
  return postJson(hook.url, { 'x-presence-probe': '1', ...headers, ...token }, payload, ms)
}
