import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LogOptions, openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'
import { addToken, removeToken } from '../src/access/token-file.ts'
import { serve } from '../src/serve.ts'
import { startServer } from './support/server.ts'
import { addBeat } from './support/session-route.ts'

const NOW = new Date('2030-01-02T03:04:05Z')
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

/** Makes a token file with one token, for the sessions `ana@…`. */
function newFile() {
  const file = join(scratchFolder(), 'tokens')
  return { file, ana: addToken(file, 'ana', ['ana@*'], NOW) }
}

const routes = [addBeat]
const as = (session_id: string) => ({ session_id })

describe('G9: a server with tokens', () => {
  it('answers 401 without a valid token, and lets a token speak only as its own sessions', async () => {
    const { file, ana } = newFile()
    const server = await startServer({ tokenFile: file, routes })

    const none = await server.post('/test/beat', as('ana@1'))
    expect([none.status, none.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer realm="presence"'])
    for (const wrong of [`${ana}x`, ana.toUpperCase(), 'x']) {
      const unknown = await server.post('/test/beat', as('ana@1'), bearer(wrong))
      expect([unknown.status, unknown.headers.get('WWW-Authenticate')]).toEqual([
        401,
        'Bearer realm="presence", error="invalid_token"',
      ])
    }
    for (const odd of ['Basic YTpi', 'Bearer', `Bearer ${ana} ${ana}`, `Bearer ${ana}, Bearer x`])
      expect((await server.post('/test/beat', as('ana@1'), { Authorization: odd })).status).toBe(401)
    expect((await server.post('/test/beat', as('ana@1'), bearer(ana))).status).toBe(200)
    const other = await server.post('/test/beat', as('bob@1'), bearer(ana))
    expect(other.status).toBe(403)
    expect(await other.json()).toMatchObject({
      error: { code: 'forbidden', message: expect.stringContaining('bob@1') },
    })
  })

  it('requires a token on every path that shows the board, and on no other', async () => {
    const { file, ana } = newFile()
    const server = await startServer({ tokenFile: file })
    for (const path of [
      '/events',
      '/metrics',
      '/nothing',
      '/api/v1/list',
      '//health',
      '/health/',
      '/docs/../events',
    ])
      expect((await server.get(path)).status, path).toBe(401)
    for (const path of [
      '/',
      '/docs',
      '/docs/viewer.js',
      '/docs/openapi.json',
      '/openapi.json',
      '/health',
      '/ready',
    ])
      expect((await server.get(path)).status, path).toBe(200)
    expect((await server.get('/metrics', bearer(ana))).status).toBe(200)
    expect(await (await server.get('/openapi.json')).json()).toMatchObject({
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    })
  })

  it('records refused sessions in the history, once an hour each, and limits their number', async () => {
    const { file, ana } = newFile()
    const server = await startServer({ tokenFile: file, routes })
    for (let at = 0; at < 3; at++)
      expect((await server.post('/test/beat', as('bob@1'), bearer(ana))).status).toBe(403)
    await using board = await openBoard({ dsn: server.dsn, session: 'bob@1', env: {}, cwd: '/' })
    const events = async (options: LogOptions = {}) => {
      const said = await board.log(options)
      return said.ok ? said.events : []
    }
    await until('it is written', async () => (await events()).length > 0)
    expect(await events({ session: 'bob@1' }), 'events that concern bob').toMatchObject([
      {
        event: 'refused',
        label: 'infra:presence-server',
        session: { id: 'token:ana' },
        others: ['bob@1'],
        note: 'POST /test/beat',
      },
    ])
    for (let at = 0; at < 30; at++)
      await server.post('/test/beat', as(`${'x'.repeat(300)}${at}\u001b[2J`), bearer(ana))
    await server.close()
    const all = await events()
    expect(all.length).toBeGreaterThan(1)
    expect(all.length).toBeLessThanOrEqual(10)
    expect(JSON.stringify(all)).not.toContain(ana)
  })

  it('logs a refusal on one line with the token’s name, and never the token', async () => {
    const { file, ana } = newFile()
    for (const log of ['text', 'json', 'none'] as const) {
      const server = await startServer({ tokenFile: file, routes, log })
      await server.post(`/test/beat?token=${ana}`, as('bob@1\n\u001b[2J forged'), bearer(ana))
      await server.post('/test/beat', as('bob@1'))
      const text = server.lines.join('\n')
      expect(
        server.lines.some(line => /forbidden/.test(line) && /"?ana"?/.test(line) && line.includes('bob@1')),
      ).toBe(true)
      expect(text).not.toContain(ana)
      expect(text).not.toContain('token=presence')
      for (const line of server.lines) expect(line).not.toMatch(/[\n\u001b]/)
      expect(await server.metric('presence_refused_total{reason="session"}', bearer(ana))).toBe(1)
      expect(await server.metric('presence_refused_total{reason="token"}', bearer(ana))).toBe(1)
      expect(await (await server.get('/metrics', bearer(ana))).text()).not.toContain('bob')
      await server.close()
    }
  })

  it('applies added and removed tokens while it runs', async () => {
    const { file, ana } = newFile()
    const server = await startServer({ tokenFile: file, routes })
    const bob = addToken(file, 'bob', ['bob', 'ci-*'], NOW)
    await until(
      'the new token',
      async () => (await server.post('/test/beat', as('ci-7'), bearer(bob))).status === 200,
    )
    removeToken(file, 'ana')
    await until(
      'the end of the old one',
      async () => (await server.get('/metrics', bearer(ana))).status === 401,
    )
    expect((await server.post('/test/beat', as('bob'), bearer(bob))).status).toBe(200)
  })

  it('keeps the last good tokens when the file becomes invalid or readable by others, and says so once', async () => {
    const { file, ana } = newFile()
    const good = readFileSync(file, 'utf8')
    const server = await startServer({ tokenFile: file, routes })
    const said = () => server.lines.filter(line => /trouble/.test(line))
    const breakings = [
      () => appendFileSync(file, '{"name":"half'),
      () => {
        writeFileSync(file, good)
        chmodSync(file, 0o644)
      },
    ]
    for (const [at, breakIt] of breakings.entries()) {
      breakIt()
      await until('the trouble', async () => {
        expect((await server.post('/test/beat', as('ana@1'), bearer(ana))).status).toBe(200)
        return said().length === at + 1
      })
    }
    expect(said()[0]).toMatch(/line 2 is not a token; the tokens that were read before stay valid/)
    expect(said()[1]).toMatch(/open to others \(mode 644\)/)
    expect(said().join()).not.toContain('half')
    chmodSync(file, 0o600)
    writeFileSync(file, '')
    await until(
      'nobody',
      async () => (await server.post('/test/beat', as('ana@1'), bearer(ana))).status === 401,
    )
  })

  it('does not start if the token file is missing, invalid, or readable by others', async () => {
    const { file } = newFile()
    const start = () => startServer({ tokenFile: file })
    for (const mode of [0o644, 0o604, 0o620, 0o602]) {
      chmodSync(file, mode)
      await expect(start()).rejects.toMatchObject({
        code: 'invalid_config',
        remedy: `restrict it: chmod 600 ${file}`,
      })
    }
    // Kubernetes mounts a secret for a group with this mode.
    chmodSync(file, 0o440)
    await (await start()).close()
    chmodSync(file, 0o600)
    writeFileSync(file, 'no')
    await expect(start()).rejects.toMatchObject({ code: 'invalid_config' })
    await expect(startServer({ tokenFile: `${file}-not` })).rejects.toMatchObject({ code: 'invalid_config' })
    await expect(startServer({ tokenFile: scratchFolder() })).rejects.toMatchObject({
      code: 'invalid_config',
    })
  })

  it('must have a token file before it listens on anything but loopback', async () => {
    const { file } = newFile()
    for (const host of ['0.0.0.0', '::', '', 'presence.example'])
      await expect(
        serve({ host, port: 0, version: '0', dsn: 'sqlite:/nonexistent/x' }),
      ).rejects.toMatchObject({
        code: 'invalid_config',
        remedy: expect.stringContaining('--token-file'),
      })
    const wide = await startServer({ host: '0.0.0.0', tokenFile: file })
    expect(wide.url).toMatch(/^http:\/\/0\.0\.0\.0:/)
  })

  it('reads a file that only its user can read, and that contains only the hash of a token', () => {
    const { file, ana } = newFile()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain(ana.slice(9))
    expect(() => addToken(file, 'ana', ['x'], NOW)).toThrow(/already/)
    expect(() => addToken(file, 'a\nb', ['x'], NOW)).toThrow(/can't be/)
    expect(() => removeToken(file, 'bob')).toThrow(/no token named bob/)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1)
  })
})

describe('a rate limit', () => {
  it('counts per token, says when to retry, and does not apply to probes', async () => {
    const { file, ana } = newFile()
    const bob = addToken(file, 'bob', ['bob'], NOW)
    const server = await startServer({ tokenFile: file, perMinute: 2, routes })
    const statuses = []
    for (let i = 0; i < 3; i++)
      statuses.push((await server.post('/test/beat', as('ana@1'), bearer(ana))).status)
    expect(statuses).toEqual([200, 200, 429])
    const limited = await server.get('/metrics', bearer(ana))
    expect(Number(limited.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect((await server.post('/test/beat', as('bob'), bearer(bob))).status).toBe(200)
    // Requests with unknown tokens count against the address.
    for (let i = 0; i < 2; i++) expect((await server.get('/metrics', bearer(`guess${i}`))).status).toBe(401)
    expect((await server.get('/metrics', bearer('guess'))).status).toBe(429)
    for (let i = 0; i < 10; i++) expect((await server.get('/health')).status).toBe(200)
    expect(await server.metric('presence_rate_limited_total', bearer(bob))).toBe(3)
  })

  it('without tokens on loopback allows more than a database can answer', async () => {
    const server = await startServer({ routes })
    const answers = await Promise.all(Array.from({ length: 2_000 }, () => server.get('/nothing')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
  })
})
