import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { startServer } from './support/server.ts'
import { addBeat } from './support/session-route.ts'

const routes = [addBeat]
const statusesOf = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(match => Number(match[1]))
const bodyOf = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4)

/** A request with these lines that asks the server to close the connection after the response. */
const request = (port: number, first: string, ...headers: string[]) =>
  `${first} HTTP/1.1\r\n${[...(headers.some(each => /^host:/i.test(each)) ? [] : [`Host: localhost:${port}`]), ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`

const post = (port: number, body: string | Buffer, ...headers: string[]) => [
  request(
    port,
    'POST /test/beat',
    ...(headers.some(each => /^content-type:/i.test(each)) ? [] : ['Content-Type: application/json']),
    ...(headers.some(each => /^(content-length|transfer-encoding):/i.test(each))
      ? []
      : [`Content-Length: ${body.length}`]),
    ...headers,
  ),
  body,
]

describe('G9: a page of another origin', () => {
  it('whose host name resolves to this server is refused on every path', async () => {
    const server = await startServer({ routes })
    const { port } = server
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      'localhost:1',
      'localhost',
      `127.0.0.1.nip.example:${port}`,
      `localhost:${port}@evil.example`,
      `[::1]evil:${port}`,
      `127.0.0.2:${port}`,
      '',
    ])
      expect([400, 403], host).toContain(
        statusesOf(await server.raw(request(port, 'GET /openapi.json', `Host: ${host}`)))[0],
      )
    for (const host of [`localhost:${port}`, `LOCALHOST:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect(statusesOf(await server.raw(request(port, 'GET /openapi.json', `Host: ${host}`))), host).toEqual(
        [200],
      )
    // The host can also be in the request line.
    const absolute = await server.raw(
      request(port, 'GET http://evil.example/openapi.json', 'Host: evil.example'),
    )
    expect(statusesOf(absolute)).toEqual([403])
    expect(statusesOf(await server.raw('GET /openapi.json HTTP/1.1\r\nConnection: close\r\n\r\n'))).toEqual([
      400,
    ])
    expect(await server.metric('presence_refused_total{reason="host"}')).toBeGreaterThan(7)
  })

  it('is refused unless its host name is allowed, on any port or on one', async () => {
    const server = await startServer({ allowedHosts: ['presence.example', 'board.example:8443'] })
    const ask = async (host: string) =>
      statusesOf(await server.raw(request(server.port, 'GET /docs', `Host: ${host}`)))
    expect(await ask('Presence.Example')).toEqual([200])
    expect(await ask('presence.example:443')).toEqual([200])
    expect(await ask('board.example:8443')).toEqual([200])
    expect(await ask('board.example')).toEqual([403])
    expect(await ask('x.presence.example')).toEqual([403])
  })

  it('can’t send requests or read responses', async () => {
    const server = await startServer({ routes })
    const own = server.url.replace('127.0.0.1', 'localhost')
    for (const headers of [
      { Origin: 'http://evil.example' },
      { Origin: 'null' },
      { Origin: 'http://localhost:3000' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
    ]) {
      const answer = await server.get('/openapi.json', headers as Record<string, string>)
      expect(answer.status, JSON.stringify(headers)).toBe(403)
      expect([...answer.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
    }
    const preflight = await fetch(`${server.url}/test/beat`, {
      method: 'OPTIONS',
      headers: { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' },
    })
    expect(preflight.status).toBe(403)
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBeNull()
    expect((await server.post('/test/beat', { session_id: 'a' }, { Origin: server.url })).status).toBe(200)
    expect((await server.post('/test/beat', { session_id: 'a' }, { Origin: own })).status).toBe(403)
    const link = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document']
    expect(statusesOf(await server.raw(request(server.port, 'GET /docs', ...link)))).toEqual([200])
    expect(statusesOf(await server.raw(request(server.port, 'POST /test/beat', ...link)))).toEqual([403])
  })

  it('can’t send a form or a body of a similar type', async () => {
    const server = await startServer({ routes })
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
      'application/json, text/plain',
      'application/json; charset=utf-16',
      'application/jsonp',
    ])
      expect(
        statusesOf(await server.raw(...post(server.port, '{"session_id":"a"}', `Content-Type: ${type}`))),
        type,
      ).toEqual([415])
    expect(
      statusesOf(
        await server.raw(
          ...post(server.port, '{"session_id":"a"}', 'Content-Type: application/json; charset=UTF-8'),
        ),
      ),
    ).toEqual([200])
    expect(
      statusesOf(await server.raw(...post(server.port, '{"session_id":"a"}', 'Content-Encoding: gzip'))),
    ).toEqual([415])
  })

  it('can’t cache, sniff, frame or run any response, because headers forbid it', async () => {
    const server = await startServer({ routes })
    for (const path of [
      '/',
      '/docs',
      '/health',
      '/nothing',
      '/openapi.json',
      '/metrics',
      '/events?label=x',
    ]) {
      const { headers } = await server.get(path)
      expect(Object.fromEntries(headers), path).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      })
    }
  })
})

describe('a bad request', () => {
  it('with more than 64 KB gets 413, whatever length it declares', async () => {
    const server = await startServer({ routes })
    const { port } = server
    const long = JSON.stringify({ session_id: 'a', note: 'x'.repeat(65_536) })
    const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
    expect(statusesOf(await server.raw(...post(port, long)))).toEqual([413])
    expect(statusesOf(await server.raw(...post(port, chunked(long), 'Transfer-Encoding: chunked')))).toEqual([
      413,
    ])
    // Also declares a short length: refused by the parser or read as chunked.
    // The declared length is never trusted.
    const lying = await server.raw(
      ...post(port, chunked(long), 'Transfer-Encoding: chunked', 'Content-Length: 10'),
    )
    expect([400, 413]).toContain(statusesOf(lying)[0])
    // Longer than declared: the rest must not be answered with success as a request of its own.
    const over = await server.raw(...post(port, long, 'Content-Length: 18'))
    expect(statusesOf(over).every(status => status >= 400)).toBe(true)
    const just = JSON.stringify({ session_id: 'a', note: '' })
    const padded = just + ' '.repeat(65_536 - just.length)
    expect(statusesOf(await server.raw(...post(port, padded)))).toEqual([200])
    expect(statusesOf(await server.raw(...post(port, `${padded} `)))).toEqual([413])
  })

  it('that is not JSON, not UTF-8 or of the wrong shape gets 400 or 422', async () => {
    const server = await startServer({ routes })
    const { port } = server
    for (const body of ['{', '', '\0', '[', '['.repeat(60_000), 'NaN', '{"session_id":"\\ud800'])
      if (body !== '')
        expect(statusesOf(await server.raw(...post(port, body))), body.slice(0, 20)).toEqual([400])
    expect(
      statusesOf(await server.raw(...post(port, Buffer.from('{"session_id":"\xff\xfe"}', 'latin1')))),
    ).toEqual([400])
    expect(
      statusesOf(await server.raw(...post(port, Buffer.from('{"session_id":"\xc0\xaf"}', 'latin1')))),
    ).toEqual([400])
    for (const body of ['null', '[]', '1', '""', '{}', '{"session_id":1}', '{"session_id":["a"]}'])
      expect(statusesOf(await server.raw(...post(port, body))), body).toEqual([422])
  })

  it('with the names of prototype properties pollutes no prototype', async () => {
    const server = await startServer({ routes })
    const body =
      '{"session_id":"a","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}'
    const answer = await server.raw(...post(server.port, body))
    expect(statusesOf(answer)).toEqual([200])
    expect(JSON.parse(bodyOf(answer))).toEqual({ session_id: 'a' })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('or a fault gets an answer without internal details', async () => {
    const server = await startServer({
      routes: [
        (app, { boards }) => {
          app.get('/test/fails', () => {
            throw new TypeError(`secret of ${boards.shown}`)
          })
        },
      ],
    })
    const answer = await server.get('/test/fails')
    expect(answer.status).toBe(500)
    const text = await answer.text()
    expect(text).not.toMatch(/secret|\.ts:|TypeError/)
    expect(server.lines.some(line => /fault.*TypeError: secret/.test(line))).toBe(true)
  })

  it('with excessive headers gets 431, and one that is not HTTP gets 400', async () => {
    const server = await startServer()
    const { port } = server
    expect(statusesOf(await server.raw(request(port, 'GET /health', `X: ${'x'.repeat(10_000)}`)))).toEqual([
      431,
    ])
    const many = Array.from({ length: 2_500 }, (_, i) => `X${i}: ${i}`)
    expect(statusesOf(await server.raw(request(port, 'GET /health', ...many)))).toEqual([431])
    expect(statusesOf(await server.raw('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n'))).toEqual([400])
    expect(
      statusesOf(
        await server.raw(
          `GET /health HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc`,
        ),
      ),
    ).toEqual([400])
    expect((await server.get('/health')).status).toBe(200)
  })

  it('with tricks in its path reaches no other route', async () => {
    const server = await startServer()
    const { port } = server
    for (const path of [
      '/..%2fhealth',
      '/health%00',
      '/health/',
      '//health',
      '/HEALTH',
      '/health;x',
      '/%ff%fe',
      '/%',
      '/health\\..',
      '/__proto__',
      '/constructor',
      '/docs/../../etc/passwd',
    ])
      expect([400, 404], path).toContain(statusesOf(await server.raw(request(port, `GET ${path}`)))[0])
    for (const path of ['/x/../health', '/%2e%2e/health', '/../health'])
      expect(statusesOf(await server.raw(request(port, `GET ${path}`))), path).toEqual([200])
    expect(
      await server.metric('presence_http_requests_total{method="GET",route="none",status="404"}'),
    ).toBeGreaterThan(5)
    expect(await (await server.get('/metrics')).text()).not.toMatch(/passwd|__proto__|HEALTH/)
  })

  it('behind others on one connection is answered in order, by the same rules', async () => {
    const server = await startServer({ routes })
    const { port } = server
    const keep = (text: string) => text.replace('Connection: close\r\n', '')
    const body = '{"session_id":"a"}'
    const answer = await server.raw(
      keep(request(port, 'GET /health')),
      keep(post(port, body).join('')),
      keep(request(port, 'GET /openapi.json', 'Host: evil.example')),
      request(port, 'GET /health'),
    )
    expect(statusesOf(answer)).toEqual([200, 200, 403, 200])
  })

  it('with a method that the path does not support gets 405 and the supported ones', async () => {
    const server = await startServer({ routes })
    for (const method of ['DELETE', 'PUT', 'PATCH', 'GET', 'TRACE', 'OPTIONS', 'PROPFIND']) {
      const answer = await server.raw(request(server.port, `${method} /test/beat`))
      expect(statusesOf(answer), method).toEqual([405])
      expect(answer).toMatch(/^allow: POST\r$/im)
    }
    expect((await fetch(`${server.url}/health`, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(`${server.url}/events`, { method: 'HEAD' })).status).toBe(200)
    expect(await server.metric('presence_event_listeners')).toBe(0)
  })
})

describe('a slow client', () => {
  it('is cut off when its headers or its body take too long, and others are not affected', async () => {
    const server = await startServer({ routes, patience: { headersMs: 500, requestMs: 1_000 } })
    const { port } = server
    const drip = (beginning: string) =>
      new Promise<void>(resolve => {
        const socket = connect(port, '127.0.0.1')
        socket.write(beginning)
        const timer = setInterval(() => socket.write('x'), 50)
        socket.on('error', () => {})
        socket.resume()
        socket.on('close', () => {
          clearInterval(timer)
          resolve()
        })
      })
    const slow = Promise.all([
      drip('GET /health HTTP/1.1\r\nX: '),
      drip(request(port, 'POST /test/beat', 'Content-Type: application/json', 'Content-Length: 60000')),
      drip(''),
    ])
    expect((await server.get('/health')).status).toBe(200)
    await slow
    expect((await server.get('/health')).status).toBe(200)
    expect(
      await server.metric('presence_http_requests_total{method="POST",route="/test/beat",status="500"}'),
    ).toBe(0)
  })

  it('that disconnects in the middle of its body causes no fault', async () => {
    const server = await startServer({ routes })
    for (let i = 0; i < 20; i++) {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(
        request(server.port, 'POST /test/beat', 'Content-Type: application/json', 'Content-Length: 60000'),
      )
      await new Promise(resolve => socket.write('{"session', resolve))
      socket.destroy()
    }
    await until('answers', async () => (await server.get('/health')).status === 200)
    expect(server.lines.filter(line => /fault/.test(line))).toEqual([])
  })
})
