import { describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

const JSON_TYPE = 'Content-Type: application/json'
const EMPTY = '0\r\n\r\n'

/** The ways in which clients send no body: header lines, and the bytes behind them. */
const NOTHING: readonly (readonly [what: string, headers: readonly string[], bytes: string])[] = [
  ['nothing', [], ''],
  ['a length of 0', ['Content-Length: 0'], ''],
  ['a type and no length', [JSON_TYPE], ''],
  ['a type and a length of 0', [JSON_TYPE, 'Content-Length: 0'], ''],
  ['a type with a charset', ['Content-Type: application/json; charset=utf-8', 'Content-Length: 0'], ''],
  ['no chunk', ['Transfer-Encoding: chunked'], EMPTY],
  ['a type and no chunk', [JSON_TYPE, 'Transfer-Encoding: chunked'], EMPTY],
  ['another type', ['Content-Type: text/plain', 'Content-Length: 0'], ''],
  ['another type and no chunk', ['Content-Type: text/plain', 'Transfer-Encoding: chunked'], EMPTY],
  ['the type of a form', ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 0'], ''],
  ['an encoding', [JSON_TYPE, 'Content-Encoding: gzip', 'Content-Length: 0'], ''],
  ['an empty type', ['Content-Type:', 'Content-Length: 0'], ''],
]

async function ask({ raw, port }: TestServer, line: string, headers: readonly string[] = [], bytes = '') {
  const head = [`${line} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close', ...headers]
  const answer = await raw(`${head.join('\r\n')}\r\n\r\n${bytes}`)
  const [first = '', ...rest] = answer.split('\r\n\r\n')
  return { status: Number(first.split(' ')[1]), body: rest.join('\r\n\r\n') }
}

describe.each(NOTHING)('H10: a request with %s for a body', (_, headers, bytes) => {
  it('does what needs no body', async () => {
    const server = await startServer()
    const call = (line: string) => ask(server, line, headers, bytes)
    const message = { from_session: 'ana', to_session: 'bob', subject: 's', body: 'b' }
    await server.post('/api/coord/sessions', { session_id: 'bob' })
    const { id } = (await (await server.post('/api/coord/messages', message)).json()) as { id: string }
    const lock = { project_key: 'shop', session_id: 'bob', resource: 'web' }
    const taken = await server.post('/api/coord/locks', lock)
    const { id: lockId } = (await taken.json()) as { id: string }

    expect((await call(`PUT /api/coord/messages/${id}/read`)).status, 'read').toBe(200)
    expect((await call(`PUT /api/coord/messages/${id}/read?session_id=bob`)).status, 'read by').toBe(200)
    expect((await call('POST /api/coord/sessions/bob/heartbeat')).status, 'heartbeat').toBe(200)
    expect((await call(`DELETE /api/coord/locks/${lockId}?session_id=bob`)).status, 'release').toBe(204)
    expect((await call('DELETE /api/coord/sessions/bob')).status, 'end').toBe(200)
    expect(await call('POST /hooks/claude-code?event=Stop'), 'hook').toMatchObject({ status: 200 })
    for (const path of ['/health', '/api/coord/sessions', '/api/coord/status', '/openapi.json'])
      expect((await call(`GET ${path}`)).status, path).toBe(200)
  })

  it.each([
    'POST /api/v1/list',
    'POST /api/v1/claim',
    'POST /api/coord/locks',
    'POST /api/coord/messages',
    'POST /api/coord/sessions',
    'PUT /api/coord/components',
    'PUT /api/coord/components/shop/web',
    'POST /api/coord/workflows',
    'PATCH /api/coord/workflows/x',
    'POST /api/coord/work-items',
    'PATCH /api/coord/work-items/x',
  ])('is told by %s that its body is missing', async line => {
    const said = await ask(await startServer(), line, headers, bytes)
    expect(said).toMatchObject({ status: 422, body: expect.stringContaining('the request has no body') })
  })
})

it('H10: a body that is there is still checked', async () => {
  const server = await startServer()
  const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n${EMPTY}`
  const line = 'PUT /api/coord/messages/none/read'
  const cases: readonly (readonly [status: number, headers: readonly string[], bytes: string])[] = [
    [404, [JSON_TYPE, 'Content-Length: 4'], 'null'],
    [404, [JSON_TYPE, 'Transfer-Encoding: chunked'], chunked('{"session_id":"bob"}')],
    [400, [JSON_TYPE, 'Content-Length: 1'], '{'],
    [400, [JSON_TYPE, 'Content-Length: 1'], ' '],
    [415, ['Content-Type: text/plain', 'Content-Length: 2'], '{}'],
    [415, ['Transfer-Encoding: chunked'], chunked('{}')],
    [422, [JSON_TYPE, 'Content-Length: 9'], '{"who":1}'],
  ]
  for (const [status, headers, bytes] of cases)
    expect((await ask(server, line, headers, bytes)).status, `${headers} ${bytes}`).toBe(status)
})
