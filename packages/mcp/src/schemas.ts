import * as z from 'zod/v4'

/** `kind:name`. The board validates it and suggests corrections, because it knows the kinds. */
export const label = z.string('send a string, kind:name, such as node:k8s-1').describe('kind:name')

/** A claim in an answer: these fields, and others about its session. */
export const claim = z.looseObject({
  resource_label: z.string(),
  session_id: z.string(),
  purpose: z.string(),
  mode: z.string(),
  expires_at: z.string().nullable(),
})

export const notes = z.array(z.string()).optional()

export const asOf = z.string()
