import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../../../../e2e/support/scratch.ts'
import { addToken } from '../../src/access/token-file.ts'
import { startServer } from '../support/server.ts'

const now = new Date('2030-01-02T03:04:05Z')
const ITEM = { project_key: 'shop', title: 'Write the migration', status: 'pending', priority: 10 }

async function serverFor(tokens: Readonly<Record<string, readonly string[]>>) {
  const file = join(scratchFolder(), 'tokens')
  const secrets = Object.fromEntries(
    Object.entries(tokens).map(([name, as]) => [name, addToken(file, name, as, now)]),
  )
  const server = await startServer({ tokenFile: file })
  const ask = async (name: string, method: string, path: string, body?: object) => {
    const answer = await fetch(`${server.url}/api/coord/${path}`, {
      method,
      headers: { Authorization: `Bearer ${secrets[name]}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as { id: string; created_by?: string } }
  }
  return { ask }
}

describe('G9: at the coordination API, a token', () => {
  it('for exactly one session speaks as that session if a request names none', async () => {
    const { ask } = await serverFor({ one: ['build-7/claude'], many: ['ci-*'] })
    const added = await ask('one', 'POST', 'work-items', ITEM)
    expect(added).toMatchObject({ status: 201, body: { created_by: 'build-7/claude' } })
    expect(await ask('one', 'PATCH', `work-items/${added.body.id}`, { status: 'in_progress' })).toMatchObject(
      {
        status: 200,
      },
    )
    expect((await ask('many', 'POST', 'work-items', ITEM)).status).toBe(403)
    expect((await ask('many', 'POST', 'work-items', { ...ITEM, created_by: 'ci-1' })).status).toBe(201)
  })

  it('of another session can’t find out who a message is to', async () => {
    const { ask } = await serverFor({ ana: ['ana'], eve: ['eve'] })
    const said = { from_session: 'ana', to_session: 'bob', subject: 's', body: 'b' }
    const sent = await ask('ana', 'POST', 'messages', said)
    expect(sent.status).toBe(201)
    const [there, not] = [
      await ask('eve', 'PUT', `messages/${sent.body.id}/read`, {}),
      await ask('eve', 'PUT', 'messages/none/read', {}),
    ]
    expect([there.status, not.status]).toEqual([404, 404])
    expect(JSON.stringify(there.body)).not.toContain('bob')
  })
})
