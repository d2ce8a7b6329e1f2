import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ServerContext } from './context.ts'

/** The application that routes are added to. */
export type App = OpenAPIHono

/** Adds a group of routes to the application. */
export type AddRoutes = (app: App, context: ServerContext) => void
