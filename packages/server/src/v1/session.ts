/**
 * The id of the calling session in a body of `/api/v1`. It is in the same place for every verb. Undefined if
 * the body names no session; every verb rejects such a body.
 */
export function speakerOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('session' in body)) return undefined
  const { session } = body
  if (typeof session !== 'object' || session === null || !('id' in session)) return undefined
  return typeof session.id === 'string' ? session.id : undefined
}
