import { API_HEADER, API_VERSION } from '@presence/core/internal'
import type { Context } from 'hono'
import { onNotFound, refuse } from '../faults.ts'

const PATH = '/api/v1/'

/**
 * Answers 426 to a presence client whose request bodies have another version than this server's. Undefined if
 * the versions match. Clients of version 1 sent no header, and no user agent either, but always their
 * deadline. Other programs need no header.
 */
export function refuseOtherApi(c: Context, body: unknown): Response | undefined {
  const isFirst = !c.req.header('user-agent') && Object.hasOwn(Object(body), 'deadline_ms')
  const api = Number(c.req.header(API_HEADER) ?? (isFirst ? 1 : API_VERSION))
  if (api === API_VERSION) return undefined
  return api > API_VERSION
    ? refuse(
        c,
        426,
        'server_older',
        'this server is older than the presence that calls it',
        'update the server',
      )
    : refuse(
        c,
        426,
        'server_newer',
        'this server is newer than the presence that calls it',
        'update that presence',
      )
}

/** Answers 404. A presence client of another version may use another name for a call: it gets 426. */
export async function onUnknownPath(c: Context): Promise<Response> {
  const isCall = c.req.method === 'POST' && c.req.path.startsWith(PATH)
  const body: unknown = isCall ? await c.req.json().catch(() => undefined) : undefined
  return (isCall && refuseOtherApi(c, body)) || onNotFound(c)
}
