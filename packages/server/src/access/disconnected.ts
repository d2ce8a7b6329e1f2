import { setImmediate } from 'node:timers/promises'
import { CALLS, type CallName } from '@presence/core/internal'
import type { Context, MiddlewareHandler } from 'hono'
import { Denied } from '../faults.ts'

const V1 = '/api/v1/'
const COORD = '/api/coord/'
const LOCK = /^\/api\/coord\/locks\/[^/]+$/

/**
 * Refuses to change the board for a client that has disconnected. A server that was stopped for a while finds
 * the requests of clients that gave up long ago. If it made their calls now, a label could be claimed that
 * nobody works on.
 *
 * @throws Denied 499 `client_gone`
 */
export const disconnected: MiddlewareHandler = async (c, next) => {
  await refuseIfGone(c)
  return next()
}

/**
 * The same check, after a wait for the board that came before the call itself.
 *
 * @throws Denied 499 `client_gone`
 */
export async function refuseIfGone(c: Context): Promise<void> {
  if (needsClient(c) && (await isGone(c)))
    throw new Denied(499, {
      code: 'client_gone',
      message: 'the client has disconnected',
      remedy: 'send it again',
    })
}

/**
 * Whether the call is only made for a client that waits for the answer. A read changes nothing. A call that
 * takes back, or that releases one lock by its id, is made in any case: it ends only what the same client
 * made. So is a hook's: an agent may exit as soon as it has sent the event.
 */
function needsClient({ req }: Context): boolean {
  const { method, path } = req
  if (method === 'GET' || method === 'HEAD') return false
  if (path.startsWith(V1)) return isChange(path.slice(V1.length))
  if (path.startsWith(COORD)) return method !== 'DELETE' || !LOCK.test(path) || req.query('force') === 'true'
  return path === '/mcp'
}

function isChange(name: string): boolean {
  if (!Object.hasOwn(CALLS, name)) return false
  const call = CALLS[name as CallName]
  return !('reads' in call || 'takesBack' in call)
}

/**
 * A request's bytes arrive before its end. Node reads that end one turn of the event loop later, and reports
 * it another two later.
 */
async function isGone({ req }: Context): Promise<boolean> {
  // Without this first access the signal would not notice the end of a request that has no body.
  const { signal } = req.raw
  for (let turn = 0; turn < 4; turn++) await setImmediate()
  return signal.aborted
}
