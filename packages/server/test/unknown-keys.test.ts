import { CALLS } from '@presence/core/internal'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/server.ts'

const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }

describe('a call with a key that its input does not have', () => {
  it.each(Object.keys(CALLS))('is refused: %s', async name => {
    const server = await startServer()
    const answer = await server.post(`/api/v1/${name}`, { session, verb: 'heartbeat', bogus: 1 })
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      error: { code: 'invalid_input', message: expect.stringMatching(/no key "(bogus|verb)"/) },
    })
  })

  it.each([
    ['messages/send', { to: 'bob', subject: 's', body: 'b' }, 'to', 'to_session'],
    ['messages/inbox', { project: 'shop' }, 'project', 'project_key'],
    ['status', { project: 'shop' }, 'project', 'project_key'],
    ['items/list', { workflow: 'w' }, 'workflow', 'workflow_id'],
    ['claim', { label: 'node:a', purpose: 'p' }, 'label', 'resource_label'],
    ['verify', { label: 'node:a', token: 1 }, 'label', 'resource_label'],
    ['claim', { resource_lable: 'node:a', purpose: 'p' }, 'resource_lable', 'resource_label'],
    ['replay', { verb: 'message', to: 'bob', subject: 's', body: 'b' }, 'to', 'to_session'],
  ])('is told the nearest key: %s', async (name, input, key, nearest) => {
    const server = await startServer()
    const answer = await server.post(`/api/v1/${name}`, { session, ...input })
    expect([answer.status, await answer.json()]).toEqual([
      422,
      {
        detail: `there is no key "${key}"`,
        error: {
          code: 'invalid_input',
          message: `there is no key "${key}"`,
          remedy: `did you mean ${nearest}?`,
        },
      },
    ])
  })

  it('changes nothing', async () => {
    const server = await startServer()
    await server.post('/api/v1/messages/send', { session, to: 'bob', subject: 's', body: 'b' })
    const inbox = await server.post('/api/v1/messages/inbox', { session: { ...session, id: 'cy' } })
    expect(await inbox.json()).toMatchObject({ rows: [] })
  })

  it('is told of a long key in one short line', async () => {
    const server = await startServer()
    const answer = await server.post('/api/v1/list', { session, [`a\n${'b'.repeat(1_000)}`]: 1 })
    const { error } = (await answer.json()) as { error: { message: string } }
    expect(error.message.length).toBeLessThan(80)
    expect(error.message).not.toContain('\n')
  })
})

it('the stream of events with an unknown parameter is refused instead of showing the whole board', async () => {
  const server = await startServer()
  const answer = await server.get('/events?resource_label=node:a')
  expect(answer.status).toBe(422)
  await answer.body?.cancel()
})
