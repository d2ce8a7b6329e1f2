import type { AddRoutes } from '../app.ts'

/** The board as tools for agents. Loaded by the first request: a server that no agent asks is spared it. */
export const addMcp: AddRoutes = (app, { boards, version }) => {
  let loading: Promise<import('@presence/mcp').McpOverHttp> | undefined
  app.all('/mcp', async c => {
    loading ??= import('@presence/mcp').then(({ mcpOverHttp }) => mcpOverHttp({ version }))
    const mcp = await loading
    return mcp.fetch(c.req.raw, { boardAs: session => boards.as(session) })
  })
}
