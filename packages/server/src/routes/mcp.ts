import { PresenceError } from '@presence/core'
import type { Context } from 'hono'
import { speaksAs } from '../context.ts'
import { Denied } from '../faults.ts'
import type { AddRoutes } from '../route.ts'

/**
 * The board as MCP tools for agents. The first request loads the code, so a
 * server without agents never does. Only the MCP code finds out the session
 * of a call, so `boardAs` checks whether the token may speak as that session.
 */
export const addMcp: AddRoutes = (app, { boards, version }) => {
  let loading: Promise<import('@presence/mcp').McpOverHttp> | undefined
  app.all('/mcp', async c => {
    loading ??= import('@presence/mcp').then(({ mcpOverHttp }) => mcpOverHttp({ version }))
    const mcp = await loading
    return mcp.fetch(await unread(c), {
      boardAs: async session => {
        try {
          await speaksAs(c, session.id)
        } catch (error) {
          if (!(error instanceof Denied)) throw error
          throw new PresenceError('invalid_session', error.message, error.said.remedy)
        }
        return boards.as(session)
      },
      complete: label => boards.complete(label),
    })
  })
}

/**
 * A new request with an unread body, because the access checks in front of the routes have read the original
 * one.
 */
async function unread({ req }: Context): Promise<Request> {
  const { url, method, headers, signal } = req.raw
  const body = method === 'GET' || method === 'HEAD' ? null : await req.arrayBuffer()
  return new Request(url, { method, headers, body, signal })
}
