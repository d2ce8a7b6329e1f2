import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../../../../e2e/support/scratch.ts'
import { addToken } from '../../src/access/token-file.ts'
import { startServer } from '../support/server.ts'

const VICTIM = 'ana@laptop@1'
const OWN = 'mallory@host@1'

async function serverWithToken() {
  const file = join(scratchFolder(), 'tokens')
  const token = addToken(file, 'mallory', ['mallory@*'], new Date('2030-01-02T03:04:05Z'))
  const { url } = await startServer({ tokenFile: file })
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/coord/${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, never> }
  }
}

describe('G9: through the coordination API a token', () => {
  it('can’t read another session’s messages, and can’t end or extend another session', async () => {
    const ask = await serverWithToken()
    for (const session of [VICTIM, OWN]) {
      const refused = session === VICTIM ? 403 : 200
      expect((await ask('GET', `messages?to_session=${session}`)).status).toBe(refused)
      expect((await ask('GET', `status?session_id=${session}`)).status).toBe(refused)
      expect((await ask('POST', 'sessions', { session_id: session })).status).toBe(
        refused === 403 ? 403 : 201,
      )
      expect((await ask('POST', `sessions/${session}/heartbeat`)).status).toBe(refused)
      expect((await ask('DELETE', `sessions/${session}`)).status).toBe(refused)
    }
  })

  it('can’t mark another session’s message as read in that session’s name', async () => {
    const ask = await serverWithToken()
    const message = { from_session: OWN, to_session: VICTIM, subject: 's', body: 'b' }
    const { body } = await ask('POST', 'messages', message)
    // 404, as for a missing message: only the addressee may learn who the message is to.
    expect((await ask('PUT', `messages/${body['id']}/read`)).status).toBe(404)
    expect((await ask('PUT', `messages/${body['id']}/read`, { session_id: VICTIM })).status).toBe(403)
  })

  it('must name its session if it may speak as several', async () => {
    const ask = await serverWithToken()
    const item = { project_key: 'shop', title: 't' }
    expect((await ask('POST', 'work-items', item)).status).toBe(403)
    expect((await ask('POST', 'work-items', { ...item, created_by: OWN })).status).toBe(201)
    expect((await ask('GET', 'locks')).status, 'everyone with a token may read the board').toBe(200)
  })
})
