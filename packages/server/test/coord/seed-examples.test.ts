import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { describeEachDatabase } from '../../../core/test/stores.ts'
import { serveOn } from './support.ts'

const run = promisify(execFile)

/** The examples of the protocol's page, as existing clients send them. */
const COMPONENT = {
  project_key: 'gururmm',
  component: 'server',
  state: 'deployed',
  version: '0.3.0',
  notes: 'Deployed 2026-05-12; credential store live',
  updated_by: 'DESKTOP-0O8A1RL/claude-main',
}
const LOCK = {
  project_key: 'gururmm',
  session_id: 'DESKTOP-0O8A1RL/claude-main',
  resource: 'server/src/api/credentials.rs',
  description: 'Adding credential endpoints',
  ttl_hours: 2,
}
const WORKFLOW = {
  project_key: 'gururmm',
  name: 'Network Discovery Phase 1',
  description: 'TCP probe scanner + DB layer + API + dashboard',
  status: 'planning',
  created_by: 'DESKTOP-0O8A1RL/claude-main',
}
const MESSAGE = {
  from_session: 'DESKTOP-0O8A1RL/claude-main',
  to_session: 'HOWARD-HOME/claude-main',
  project_key: 'gururmm',
  subject: 'macOS build pipeline ready for wiring',
  body: 'build-agents.sh updated. Section marked TODO-MACOS. Wire in from your end.',
}
const QUEUED = {
  ts: '2026-05-12T15:30:00Z',
  method: 'PUT',
  path: '/api/coord/components/gururmm/server',
  body: {
    state: 'deployed',
    version: '0.3.0',
    notes: '...',
    updated_by: 'DESKTOP-0O8A1RL/claude-main',
  },
}

describeEachDatabase('the coordination protocol’s own examples', store => {
  it('work with curl unchanged', async () => {
    await using board = await store.newBoard()
    await using coord = await serveOn(board.dsn)
    const curl = async (method: string, path: string, body?: unknown) => {
      const data =
        body === undefined ? [] : ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)]
      const args = ['-s', '-w', '\n%{http_code}', '-X', method, `${coord.url}/api/coord/${path}`, ...data]
      const lines = (await run('curl', args)).stdout.split('\n')
      const status = Number(lines.pop())
      return { status, body: lines.join('') === '' ? undefined : JSON.parse(lines.join('\n')) }
    }
    expect(
      await curl('GET', `locks?project_key=gururmm&resource=${LOCK.resource}`),
      'check for conflicts',
    ).toMatchObject({ status: 200, body: { locks: [] } })
    const lock = await curl('POST', 'locks', LOCK)
    expect(lock, 'claim').toMatchObject({ status: 201, body: { id: expect.any(String) } })
    expect(
      (await curl('DELETE', `locks/${lock.body.id}?session_id=${LOCK.session_id}`)).status,
      'release',
    ).toBe(204)

    expect(await curl('PUT', 'components', COMPONENT)).toMatchObject({ status: 200, body: COMPONENT })
    expect(await curl('GET', 'components?project_key=gururmm')).toMatchObject({
      status: 200,
      body: { components: [COMPONENT] },
    })
    expect(await curl(QUEUED.method, QUEUED.path.slice('/api/coord/'.length), QUEUED.body)).toMatchObject({
      status: 200,
      body: { ...QUEUED.body, project_key: 'gururmm', component: 'server' },
    })

    const workflow = await curl('POST', 'workflows', WORKFLOW)
    expect(workflow).toMatchObject({ status: 201, body: WORKFLOW })
    const item = await curl('POST', 'work-items', {
      workflow_id: workflow.body.id,
      project_key: 'gururmm',
      title: 'Write migrations 017-019 for discovery tables',
      status: 'pending',
      priority: 10,
    })
    expect(item).toMatchObject({ status: 201, body: { workflow_id: workflow.body.id, priority: 10 } })
    expect(await curl('PATCH', `work-items/${item.body.id}`, { status: 'completed' })).toMatchObject({
      status: 200,
      body: { status: 'completed' },
    })

    const message = await curl('POST', 'messages', MESSAGE)
    expect(message).toMatchObject({ status: 201, body: MESSAGE })
    const { to_session, ...broadcast } = MESSAGE
    expect(await curl('POST', 'messages', broadcast)).toMatchObject({
      status: 201,
      body: { to_session: null },
    })
    const unread = async () =>
      (await curl('GET', `messages?to_session=${to_session}&unread_only=true`)).body.messages
    expect(await unread()).toHaveLength(2)
    expect((await curl('PUT', `messages/${message.body.id}/read`)).status, 'mark as read').toBe(200)
    expect(await unread()).toMatchObject([{ to_session: null }])

    expect(await curl('GET', 'status')).toMatchObject({
      status: 200,
      body: {
        locks: [],
        components: [{ component: 'server' }],
        workflows: [{ name: WORKFLOW.name, items: { completed: 1, pending: 0 } }],
        unread_messages: null,
      },
    })
    expect(await curl('GET', `status?session_id=${to_session}`)).toMatchObject({
      body: { unread_messages: 1 },
    })
    // The protocol's catch-up loop sends `-d null` for a call without a body.
    for (const [method, path, status] of [
      ['PUT', `messages/${message.body.id}/read`, 200],
      ['POST', 'sessions/DESKTOP-0O8A1RL%2Fclaude-main/heartbeat', 404],
      ['DELETE', 'locks/bm9uZTox?session_id=a', 404],
      ['GET', 'status', 200],
    ] as const)
      expect((await curl(method, path, null)).status, `${method} ${path}`).toBe(status)

    await curl('POST', 'locks', LOCK)
    expect(await curl('DELETE', `locks?session_id=${LOCK.session_id}&release_all=true`)).toMatchObject({
      status: 200,
      body: { released: 1 },
    })
  })
})
