import type { Environment } from '@presence/core'
import { type Answer, post } from '@presence/process'
import type { HttpHook } from './http-hook.ts'
import { headersFrom, isLoopback } from './http-hook.ts'

/**
 * May the doctor send the token there, as the agent would? Anybody may have written a project's settings: to this machine
 * and where the user's own settings say alone.
 */
export function mayHaveToken(url: string, own: boolean): boolean {
  return own || isLoopback(url)
}

/**
 * Sends a sample payload as the agent would.
 *
 * @throws Error with why there is no answer
 */
export function ask(
  hook: HttpHook,
  payload: string,
  env: Environment,
  { ms, withToken }: { readonly ms: number; readonly withToken: boolean },
): Promise<Answer> {
  const { Authorization, ...headers } = headersFrom(hook, env)
  const token = withToken && Authorization !== undefined ? { Authorization } : {}
  return post(hook.url, { 'x-presence-probe': '1', ...headers, ...token }, payload, ms)
}
