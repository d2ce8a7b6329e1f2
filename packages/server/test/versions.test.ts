import { API_VERSION } from '@presence/core/internal'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/server.ts'

const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }

/** A call as presence clients send it: node:http sends no user agent by itself. */
function call(port: number, headers: string): string {
  const body = JSON.stringify({ session, label: 'node:a', purpose: 'p', deadline_ms: 1_000 })
  return [
    'POST /api/v1/claim HTTP/1.1',
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

  it('is told apart from other programs, which need no version header', async () => {
    const server = await startServer()
    const body = { session, resource_label: 'node:a', purpose: 'p', deadline_ms: 1_000 }
    expect((await server.post('/api/v1/claim', body)).status).toBe(200)
  })
})
