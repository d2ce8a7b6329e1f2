import { createRoute, z } from '@hono/zod-openapi'
import { NotMoved } from './refusals.ts'
import { KEY } from './said.ts'
import { body, ERRORS, Id, json, NOT_FOUND, prose, SessionId } from './schemas.ts'

// The routes that workflows and work items share.

/** The fields that can be changed on both. */
export const CHANGE = {
  description: prose(4_000).nullish().openapi({ description: 'null: no description' }),
  reopen: z.boolean().optional().openapi({ description: 'Continues it if it has ended' }),
  updated_by: SessionId.optional(),
}

/** A change. It must name at least one field. */
export const changeOf = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  z
    .strictObject(shape)
    .refine(change => Object.keys(change).length > 0, 'must change at least one field')
    .openapi(name, { minProperties: 1 })

/** @param more additional responses */
export const addRoute = <
  Path extends string,
  New extends z.ZodType,
  Made extends z.ZodType,
  More extends object,
>(
  path: Path,
  summary: string,
  { input, made, taken, more }: { input: New; made: Made; taken: string; more: More },
) =>
  createRoute({
    method: 'post',
    path,
    summary,
    request: { headers: z.object(KEY), body: body(input) },
    responses: { 201: json('Added', made), 409: json(taken, NotMoved), ...more, ...ERRORS },
  })

export const getRoute = <Path extends string, Made extends z.ZodType>(
  path: Path,
  summary: string,
  made: Made,
) =>
  createRoute({
    method: 'get',
    path,
    summary,
    request: { params: z.object({ id: Id }) },
    responses: { 200: json('The current state', made), ...NOT_FOUND, ...ERRORS },
  })

export const changeRoute = <Path extends string, Change extends z.ZodType, Made extends z.ZodType>(
  path: Path,
  summary: string,
  { input, made, description }: { input: Change; made: Made; description?: string },
) =>
  createRoute({
    method: 'patch',
    path,
    summary,
    ...(description === undefined ? {} : { description }),
    request: { params: z.object({ id: Id }), body: body(input) },
    responses: {
      200: json('The changed state', made),
      409: json('The current status does not allow the change', NotMoved),
      ...NOT_FOUND,
      ...ERRORS,
    },
  })
