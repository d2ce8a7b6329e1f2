import { z } from '@hono/zod-openapi'

const Speaking = z.object({ session: z.object({ id: z.string() }) })

/**
 * The id of the calling session in a body of `/api/v1`. It is in the same place for every verb. Undefined if
 * the body names no session; every verb rejects such a body.
 */
export function speakerOf(body: unknown): string | undefined {
  return Speaking.safeParse(body).data?.session.id
}
