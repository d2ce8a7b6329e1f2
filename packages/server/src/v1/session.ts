/**
 * Whose words a body of `/api/v1` are: every verb has the speaking session in this one place. Undefined where the body
 * names none, which no verb then takes.
 */
export function speakerOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('session' in body)) return undefined
  const { session } = body
  if (typeof session !== 'object' || session === null || !('id' in session)) return undefined
  return typeof session.id === 'string' ? session.id : undefined
}
