import { createRoute, z } from '@hono/zod-openapi'
import { ErrorBody } from '../faults.ts'
import type { AddRoutes } from '../route.ts'

const TokenShape = z
  .object({
    token: z.string().nullable().openapi({ description: "the token's name; null without a token" }),
    acts_as: z.enum(['any', 'own', 'patterns']).openapi({
      description:
        '`own`: the sessions that it is the first to act as; `patterns`: the sessions whose ids match `patterns`; `any`: the server requires no token',
    }),
    patterns: z.array(z.string()).openapi({ description: '`*` stands for any characters' }),
  })
  .openapi('Token')

const failing = (description: string) => ({
  description,
  content: { 'application/json': { schema: ErrorBody } },
})

const token = createRoute({
  method: 'get',
  path: '/api/v1/token',
  operationId: 'token',
  tags: ['v1'],
  summary: 'Which sessions this token may act as',
  responses: {
    200: { description: 'Done', content: { 'application/json': { schema: TokenShape } } },
    401: failing('The token is missing or unknown'),
  },
})

/** What a client learns about its own token. It asks no board, and names no session. */
export const addTokenRoute: AddRoutes = app => {
  app.openapi(token, c => {
    const { name = null, actsAs = 'any' } = c.get('caller') ?? {}
    const isList = actsAs !== 'any' && actsAs !== 'own'
    return c.json(
      { token: name, acts_as: isList ? ('patterns' as const) : actsAs, patterns: isList ? [...actsAs] : [] },
      200,
    )
  })
}
