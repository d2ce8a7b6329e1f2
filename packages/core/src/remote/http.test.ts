import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openBoard } from '../board/open-board.ts'
import { type HttpDsn, parseDsn } from '../config/dsn.ts'
import { Deadline } from '../deadline.ts'
import { Client } from './client.ts'
import { API_VERSION } from './headers.ts'

const ana = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
const NO_ANSWER = /answers now in a way that this presence doesn't understand$/
const VERSION = { 'presence-version': '9.9.9', 'presence-api': String(API_VERSION) }

/** A server with this answer, and a client for it. */
async function against(answer: RequestListener, more: Partial<HttpDsn> = {}) {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const dsn = parseDsn(`http://127.0.0.1:${port}/board/`) as HttpDsn
  const client = new Client({ ...dsn, ...more }, [])
  onTestFinished(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return {
    server,
    port,
    ask: (ms = 5_000) => client.ask('now', ana, {}, Deadline.after(ms)),
    list: () => client.ask('list', ana, {}, Deadline.after(5_000)),
  }
}

const replying =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body)

describe('an answer', () => {
  it('has the server’s values: times become dates, and unknown keys are kept', async () => {
    const { ask } = await against(
      replying(200, '{"now":"2026-03-01T12:00:00.123Z","new_thing":{"now":"2026-03-01T12:00:00Z"}}', VERSION),
    )
    expect(await ask()).toEqual({
      now: new Date('2026-03-01T12:00:00.123Z'),
      newThing: { now: new Date('2026-03-01T12:00:00Z') },
    })
  })

  it.each([
    ['a proxy’s error page', 502, '<html><h1>Bad gateway</h1>', {}, 'unreachable', /answers 502$/],
    ['a page of another program', 200, '<html>', {}, 'unreachable', /is not a presence server: 200, no type/],
    ['another program’s JSON', 200, '{"now":1}', {}, 'unreachable', /is not a presence server/],
    ['half an answer', 200, '{"now":', VERSION, 'unreachable', NO_ANSWER],
    ['a list instead of an object', 200, '[]', VERSION, 'unreachable', NO_ANSWER],
    ['an object without the expected key', 200, '{}', VERSION, 'unreachable', NO_ANSWER],
    ['an object with a wrong value', 200, '{"now":["2026-03-01"]}', VERSION, 'unreachable', NO_ANSWER],
    ['a proxy’s 404', 404, 'default backend', {}, 'unreachable', /is not a presence server: 404/],
    [
      'a redirect',
      307,
      '',
      { location: 'https://elsewhere.example/\u009b2J' },
      'unreachable',
      /redirects to https:\/\/elsewhere.example/,
    ],
    ['the 404 of a missing verb', 404, '{}', VERSION, 'server_older', /9\.9\.9\) is older.*has no now/],
    [
      'an answer of a server of the first version',
      200,
      '{"now":"2026-03-01T12:00:00Z"}',
      { 'presence-version': '0.1.0' },
      'server_older',
      /0\.1\.0\) is older than this presence$/,
    ],
    [
      'an answer of an older server',
      200,
      '{"now":"2026-03-01T12:00:00Z"}',
      { 'presence-version': '0.1.0', 'presence-api': String(API_VERSION - 1) },
      'server_older',
      /0\.1\.0\) is older than this presence$/,
    ],
    [
      'an answer of a newer server',
      200,
      '{"now":"2026-03-01T12:00:00Z"}',
      { 'presence-version': '9.9.9', 'presence-api': String(API_VERSION + 1) },
      'server_newer',
      /9\.9\.9\) is newer than this presence$/,
    ],
    ['a 401 without a token', 401, '{}', VERSION, 'access_denied', /token is missing/],
    ['a proxy’s 403', 403, '<html>', {}, 'access_denied', /denies access/],
    [
      'a schema to migrate',
      500,
      '{"error":{"code":"schema_older","message":"the board is old","remedy":"run: presence migrate"}}',
      VERSION,
      'schema_older',
      /^the board is old$/,
    ],
    [
      'a fault that only a caller has',
      500,
      '{"error":{"code":"invalid_dsn","message":"m","remedy":"r"}}',
      VERSION,
      'unexpected',
      /^m$/,
    ],
    [
      'a contest',
      409,
      '{"error":{"code":"busy","message":"many want it","remedy":"try again"}}',
      VERSION,
      'busy',
      /^many want it$/,
    ],
  ])('that is %s becomes one clear fault', async (_, status, body, headers, code, message) => {
    const { ask } = await against(replying(status, body, headers as Record<string, string>))
    const fault = await ask().catch(error => error)
    expect(fault).toMatchObject({ name: 'PresenceError', code, remedy: expect.stringMatching(/./) })
    expect(fault.message).toMatch(message)
    expect(fault.message).not.toContain('\u009b')
    expect(fault.retryAt).toBeUndefined()
  })

  it('that denies access says where the token came from, and never the token', async () => {
    const body = '{"error":{"code":"unauthorized","message":"the server does not know this token"}}'
    const token = { token: 's3cret', tokenFrom: 'PRESENCE_SERVER_TOKEN' }
    const { ask } = await against(replying(401, body, VERSION), token)
    const fault = await ask().catch(error => error)
    expect(fault).toMatchObject({
      code: 'access_denied',
      message: expect.stringMatching(
        /denies access: the server does not know this token \(the token is from PRESENCE_SERVER_TOKEN\)$/,
      ),
      remedy: expect.stringMatching(/^check that it is this server's token/),
    })
    expect(JSON.stringify({ ...fault, message: fault.message, stack: fault.stack })).not.toContain('s3cret')
  })

  it.each(['{}', '{"ok":true}', '{"ok":true,"as_of":"2026-03-01T12:00:00Z","claims":null}'])(
    'that is %s, without a key that its verb needs, is not accepted',
    async body => {
      const { list } = await against(replying(200, body, VERSION))
      await expect(list()).rejects.toMatchObject({ code: 'unreachable' })
    },
  )

  it('that has a malformed refusal becomes one clear fault', async () => {
    const { list } = await against(replying(409, '{"refusal":null}', VERSION))
    await expect(list()).rejects.toMatchObject({ code: 'unexpected' })
  })

  it('G7: that can not be understood sends the call to the outbox', async () => {
    const { port } = await against(replying(200, '{}', VERSION))
    const state = mkdtempSync(join(tmpdir(), 'presence-http-'))
    onTestFinished(() => rmSync(state, { recursive: true }))
    const env = { HOME: state, XDG_STATE_HOME: state }
    const dsn = `http://127.0.0.1:${port}/board`
    await using board = await openBoard({ dsn, session: 'ana', env, cwd: '/' })
    const queued = { code: 'unreachable', queued: true }
    await expect(board.claim('node:a', { purpose: 'p' })).rejects.toMatchObject(queued)
    await expect(board.heartbeat()).rejects.toMatchObject(queued)
    await expect(board.release('node:a')).rejects.toMatchObject(queued)
    await expect(board.list()).rejects.toMatchObject({ code: 'unreachable', queued: false })
  })

  it.each([
    [503, 'unreachable'],
    [429, 'busy'],
  ])('with status %i gives the time to retry', async (status, code) => {
    const { ask } = await against(replying(status, '{}', { ...VERSION, 'retry-after': '30' }))
    const fault = await ask().catch(error => error)
    expect(fault).toMatchObject({ code })
    expect(fault.retryAt.getTime() - Date.now()).toBeGreaterThan(28_000)
    expect(fault.retryAt.getTime() - Date.now()).toBeLessThanOrEqual(30_000)
  })

  it('with status 429 is retried by the call itself if its time allows', async () => {
    let asked = 0
    const { ask } = await against((_, response) => {
      if (++asked === 1) response.writeHead(429, { ...VERSION, 'retry-after': '1' }).end('{}')
      else response.writeHead(200, VERSION).end('{"now":"2026-03-01T12:00:00Z"}')
    })
    expect(await ask(10_000)).toEqual({ now: new Date('2026-03-01T12:00:00Z') })
    asked = 0
    await expect(ask(900)).rejects.toMatchObject({ code: 'busy', retryAt: expect.any(Date) })
    expect(asked).toBe(1)
  })

  it.each([400, 413, 415, 422])(
    'with status %i from a presence server is final: the call is rejected',
    async status => {
      const body = '{"error":{"code":"bad_request","message":"m","remedy":"r"}}'
      const { ask } = await against(replying(status, body, VERSION))
      await expect(ask()).rejects.toMatchObject({ code: 'rejected', message: 'm' })
      const proxy = await against(replying(status, body))
      await expect(proxy.ask()).rejects.toMatchObject({ code: 'unreachable' })
    },
  )

  it('that never ends is cut off above the size that any board can have', async () => {
    const { ask } = await against((_, response) => {
      response.writeHead(200, VERSION)
      const chunk = Buffer.alloc(1 << 20, ' ')
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    })
    await expect(ask(20_000)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('is probably not a presence server: its answer is too large'),
    })
  })

  it.each([
    ['before its first byte', () => {}],
    [
      'in the middle',
      (response: Parameters<RequestListener>[1]) => response.writeHead(200, VERSION).write('{"now":'),
    ],
  ])('that stops %s is given up at the call’s deadline, and its connection is closed', async (_, begin) => {
    let cut = () => {}
    const isCut = new Promise<void>(resolve => {
      cut = resolve
    })
    const { ask } = await against((request, response) => {
      request.socket.on('close', cut)
      begin(response)
    })
    await expect(ask(200)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no answer in time'),
    })
    await isCut
  })
})

describe('a call', () => {
  it('sends the token in its header, uses the prefix, and shows no token in an error', async () => {
    const seen: (string | undefined)[] = []
    const { ask } = await against(
      (request, response) => {
        seen.push(request.url, request.headers.authorization)
        response.writeHead(401, VERSION).end('{}')
      },
      { token: 's3cret' },
    )
    const fault = await ask().catch(error => error)
    expect(seen).toEqual(['/board/api/v1/now', 'Bearer s3cret'])
    expect(JSON.stringify({ ...fault, message: fault.message, stack: fault.stack })).not.toContain('s3cret')
  })

  it('reuses the connection of the call before, and opens a new one if the server has closed it', async () => {
    const sockets = new Set<unknown>()
    const { ask, server } = await against((request, response) => {
      sockets.add(request.socket)
      response.writeHead(200, VERSION).end('{"now":"2026-03-01T12:00:00Z"}')
    })
    await ask()
    await ask()
    expect(sockets.size).toBe(1)
    server.closeAllConnections()
    await ask()
    expect(sockets.size).toBe(2)
  })

  it('whose answer is cut off is sent again, a few times: by its key it is made once', async () => {
    let seen = 0
    const { ask } = await against((request, response) => {
      response.writeHead(200, VERSION)
      if (++seen === 1) response.end('{"now":"2026-03-01T12:00:00Z"}')
      else response.write('{"now":', () => request.socket.destroy())
    })
    await ask()
    await expect(ask()).rejects.toMatchObject({ code: 'unreachable' })
    expect(seen).toBe(1 + 5)
  })

  it.each([
    ['a proxy’s 502', (response: ServerResponse) => response.writeHead(502).end('bad gateway')],
    ['a reset', (response: ServerResponse) => response.socket?.resetAndDestroy()],
  ])('that ends in %s is sent again, with the idempotency key of the first attempt', async (_, fail) => {
    const seen: (readonly [url: string, key: unknown])[] = []
    const { port } = await against((request, response) => {
      seen.push([request.url ?? '', request.headers['idempotency-key']])
      fail(response)
    })
    const dsn = `http://127.0.0.1:${port}`
    const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }
    await using board = await openBoard({ dsn, session: 'ana', env, cwd: '/', outbox: false })
    await expect(board.list()).rejects.toMatchObject({ code: 'unreachable' })
    await expect(board.items.set({ id: 'i', status: 'completed' })).rejects.toMatchObject({
      code: 'unreachable',
    })
    expect(seen.filter(([url]) => url.endsWith('/list')).length).toBeGreaterThan(1)
    const keys = seen.filter(([url]) => url.endsWith('/items/set')).map(([, key]) => key)
    expect(keys.length).toBeGreaterThan(1)
    expect(new Set(keys)).toEqual(new Set([expect.stringMatching(/^[0-9a-f-]{36}$/)]))
  })

  it('that is refused returns the refusal itself', async () => {
    const refusal = { code: 'invalid_label', message: 'm', remedy: 'r', nearest: 'node:a' }
    const { list } = await against(replying(422, JSON.stringify({ detail: 'm', refusal }), VERSION))
    expect(await list()).toEqual({ ok: false, refusal })
  })
})
