import { PresenceError } from '@presence/core'
import type { Context } from 'hono'
import type { AddRoutes } from '../app.ts'
import { speaksAs } from '../context.ts'
import { Denied } from '../faults.ts'

/**
 * The board as tools for agents. Loaded by the first request: a server that no agent asks is spared it. Which session a call
 * is of is known only within it: `boardAs` is where it is asked whether the token may speak as that.
 */
export const addMcp: AddRoutes = (app, { boards, version }) => {
  let loading: Promise<import('@presence/mcp').McpOverHttp> | undefined
  app.all('/mcp', async c => {
    loading ??= import('@presence/mcp').then(({ mcpOverHttp }) => mcpOverHttp({ version }))
    const mcp = await loading
    return mcp.fetch(await unread(c), {
      boardAs: session => {
        try {
          speaksAs(c, session.id)
        } catch (error) {
          if (!(error instanceof Denied)) throw error
          throw new PresenceError('invalid_session', error.message, error.said.remedy)
        }
        return boards.as(session)
      },
    })
  })
}

/** The request with its body as if nobody had read it: what stands in front of the routes has. */
async function unread({ req }: Context): Promise<Request> {
  const { url, method, headers, signal } = req.raw
  const body = method === 'GET' || method === 'HEAD' ? null : await req.arrayBuffer()
  return new Request(url, { method, headers, body, signal })
}
