import { API_VERSION } from '@presence/core/internal'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/server.ts'

const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }

/** A call as presence clients send it: node:http sends no user agent by itself. */
function call(port: number, headers: string, name = 'claim'): string {
  const body = JSON.stringify({ session, label: 'node:a', purpose: 'p', deadline_ms: 1_000 })
  return [
    `POST /api/v1/${name} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `Connection: close${headers}`,
    '',
    body,
  ].join('\r\n')
}

describe('a presence client whose bodies differ from the server’s', () => {
  it.each([
    ['the first version, which sent no header', '', 'server_newer', 'update that presence'],
    ['an earlier version', `\r\nPresence-Api: ${API_VERSION - 1}`, 'server_newer', 'update that presence'],
    ['a later version', `\r\nPresence-Api: ${API_VERSION + 1}`, 'server_older', 'update the server'],
  ])('is told whether to update the client or the server: %s', async (_, headers, code, remedy) => {
    const server = await startServer()
    const answer = await server.raw(call(server.port, headers))
    expect(answer).toMatch(/^HTTP\/1\.1 426 /)
    expect(answer.toLowerCase()).toContain(`presence-api: ${API_VERSION}\r\n`)
    expect(answer).toContain(`"code":"${code}"`)
    expect(answer).toContain(`"remedy":"${remedy}"`)
  })

  it.each([
    ['the first version', '', 'server_newer'],
    ['an earlier version', `\r\nPresence-Api: ${API_VERSION - 1}`, 'server_newer'],
    ['a later version', `\r\nPresence-Api: ${API_VERSION + 1}`, 'server_older'],
  ])('is told so even if the server has no call of that name: %s', async (_, headers, code) => {
    const server = await startServer()
    const answer = await server.raw(call(server.port, headers, 'survey'))
    expect(answer).toMatch(/^HTTP\/1\.1 426 /)
    expect(answer).toContain(`"code":"${code}"`)
  })

  it('is not confused with a program that calls a wrong name', async () => {
    const server = await startServer()
    expect((await server.post('/api/v1/survey', { session })).status).toBe(404)
    expect((await fetch(`${server.url}/api/v1/survey`, { method: 'POST' })).status).toBe(404)
    expect((await server.get('/api/v1/survey')).status).toBe(404)
  })

  it('is told apart from other programs, which need no version header', async () => {
    const server = await startServer()
    const body = { session, resource_label: 'node:a', purpose: 'p', deadline_ms: 1_000 }
    expect((await server.post('/api/v1/claim', body)).status).toBe(200)
  })
})
