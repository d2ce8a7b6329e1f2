import { describe, expect, it } from 'vitest'
import { parseLine, requestOf } from './call.ts'

const line = (path: unknown, more: object = {}) =>
  JSON.stringify({ ts: '2026-05-12T15:30:00Z', method: 'PUT', path, body: { state: 'deployed' }, ...more })

describe('a line of the coordination outbox', () => {
  it('is parsed to a call with its own time, and with the same key for the same line', () => {
    const text = line('/api/coord/components/gururmm/server')
    expect(parseLine(text)).toMatchObject({
      at: Date.UTC(2026, 4, 12, 15, 30),
      method: 'PUT',
      url: expect.objectContaining({ pathname: '/api/coord/components/gururmm/server' }),
      body: { state: 'deployed' },
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(parseLine(text)).toEqual(parseLine(text))
    expect(parseLine(line('/api/coord/messages'))).not.toMatchObject({ key: parseLine(text) })
    expect(parseLine(line('/api/coord/locks', { ts: 'yesterday' }))).toMatchObject({ at: undefined })
  })

  it.each([
    ['/api/coord/components/gururmm/server', {}, '?said_ms_ago=60000'],
    ['/api/coord/components?said_ms_ago=1', {}, '?said_ms_ago=60000'],
    ['/api/coord/messages', { method: 'POST' }, '?said_ms_ago=60000'],
    ['/api/coord/messages/m1/read', {}, ''],
    ['/api/coord/work-items/i1', { method: 'PATCH' }, ''],
    ['/api/coord/components/gururmm/server', { ts: 'yesterday' }, ''],
  ])('is sent with its age where the route accepts one: %s %j', (path, more, query) => {
    const call = parseLine(line(path, more))
    if (typeof call === 'string') throw new Error(call)
    const { path: sent } = requestOf(call, Date.UTC(2026, 4, 12, 15, 31))
    expect(sent).toBe(`${path.split('?')[0]}${query}`)
  })

  it.each([
    '/api/v1/claim',
    '/api/coord',
    '/api/coord/../v1/claim',
    '/api/coord/%2e%2e/v1/claim',
    '/api/coord/..\\v1/claim',
    '//evil.example/api/coord/locks',
    'http://evil.example/api/coord/locks',
    '/\\evil.example/api/coord/locks',
    '@evil.example/api/coord/locks',
    'api/coord/locks',
    '',
    7,
    null,
  ])('is rejected if its path is outside the API of the board’s own server: %j', path => {
    expect(parseLine(line(path))).toBeTypeOf('string')
  })

  it.each([
    '',
    '{',
    '[]',
    'null',
    '"x"',
    line('/api/coord/locks', { method: 'GET' }),
    line('/api/coord/locks', { method: 'CONNECT' }),
  ])('is rejected with a reason if it is not a call: %j', text => {
    expect(parseLine(text)).toBeTypeOf('string')
  })
})
