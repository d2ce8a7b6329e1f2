import { z } from '@hono/zod-openapi'
import { COMPONENT_STATES, ITEM_STATUSES, MESSAGE_KINDS, WORKFLOW_STATUSES } from '@presence/core'
import { maybe } from './inputs.ts'
import * as pattern from './patterns.ts'

// The inputs of messages, components, workflows and items. As for claims, the patterns are only for the
// document, and the board itself validates.

const prose = (maxLength: number, description?: string) =>
  z.string().openapi({ maxLength, pattern: pattern.PROSE, ...(description ? { description } : {}) })
const notes = (description?: string) =>
  z.string().openapi({ maxLength: 4_000, pattern: pattern.PLAIN, ...(description ? { description } : {}) })
const word = (maxLength: number) => z.string().openapi({ maxLength, pattern: pattern.ID })

export const Id = z.string().openapi({ maxLength: 64, pattern: pattern.OWN_ID })
export const OwnId = maybe(
  Id.openapi({ description: 'its id: a call sent twice with one id adds it once; made for you by default' }),
)
export const Project = z
  .string()
  .openapi({ maxLength: 64, pattern: pattern.PROJECT, description: 'the key of a project' })
export const SessionOf = z.string().openapi({ minLength: 1, maxLength: 128, pattern: pattern.ID })
export const Kind = z.string().openapi({ enum: [...MESSAGE_KINDS] })
export const Subject = prose(255)
export const Body = prose(8_000)
export const Title = prose(255)
export const Description = notes('blank: none')
export const Notes = notes()
export const Version = z.string().openapi({ maxLength: 128, pattern: pattern.WORD_OR_NONE })
export const ComponentName = word(64)
export const State = word(64).openapi({
  description: `${COMPONENT_STATES.join(', ')}, or another word`,
})
export const WorkflowStatus = z.string().openapi({ enum: [...WORKFLOW_STATUSES] })
export const ItemStatus = z.string().openapi({ enum: [...ITEM_STATUSES] })
export const Priority = z.number().openapi({ type: 'integer', minimum: 0, maximum: 100 })
export const Limit = maybe(z.number().int().min(1).max(500))
/** The `next` of the page before. @param numbers by how many integers the list is sorted before a text */
export const cursor = (numbers: number) => maybe(z.string().openapi({ pattern: pattern.cursor(numbers) }))
export const Reopen = maybe(z.boolean().openapi({ description: 'continues it if it has ended' }))
