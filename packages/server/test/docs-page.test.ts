import { readFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { createRequire } from 'node:module'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/server.ts'

const VIEWER = '/docs/viewer.js'
const script = readFileSync(
  createRequire(import.meta.url).resolve('openapi-explorer/dist/browser/openapi-explorer.min.js'),
  'utf8',
)

describe('the page of the HTTP API', () => {
  it('may run scripts of its own server only, and only on this page', async () => {
    const server = await startServer()
    const policy = async (path: string) =>
      (await server.get(path)).headers.get('content-security-policy')?.split('; ')
    expect(await policy('/docs')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "style-src 'unsafe-inline'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ])
    for (const path of ['/', VIEWER, '/docs/', '/docs/openapi.json', '/openapi.json'])
      expect((await policy(path))?.join('; '), path).not.toMatch(/script-src|unsafe|'self'/)
  })

  it('loads its only script from its own server', async () => {
    const server = await startServer()
    const text = await (await server.get('/docs')).text()
    expect(text.match(/<script[^>]*>/g)).toEqual([`<script type="module" src="${VIEWER}">`])
    expect(text).not.toMatch(/https?:/)
  })

  it('shows every call, and no pattern that would fill a screen', async () => {
    const server = await startServer()
    const [shown, whole] = await Promise.all(
      ['/docs/openapi.json', '/openapi.json'].map(
        async path => (await (await server.get(path)).json()) as Record<string, unknown>,
      ),
    )
    const patterns = [...JSON.stringify(shown).matchAll(/"pattern":"((?:[^"\\\\]|\\\\.)*)"/g)]
    expect(patterns.length).toBeGreaterThan(0)
    for (const [, pattern = ''] of patterns) expect(JSON.parse(`"${pattern}"`).length).toBeLessThanOrEqual(60)
    const withoutPatterns = (key: string, value: unknown) => (key === 'pattern' ? undefined : value)
    expect(JSON.stringify(shown, withoutPatterns)).toBe(JSON.stringify(whole, withoutPatterns))
  })

  it.each([
    ['compressed, if the client takes that', 'gzip, br', 'gzip'],
    ['as it is otherwise', 'identity', null],
  ])('sends the script %s', async (_, accepted, encoding) => {
    const server = await startServer()
    const { headers, ...answer } = await get(server.url + VIEWER, accepted)
    expect(headers['content-encoding'] ?? null).toBe(encoding)
    expect(headers['content-type']).toMatch(/^text\/javascript/)
    expect((encoding === null ? answer.body : gunzipSync(answer.body)).toString()).toBe(script)
  })
})

/** Unlike `fetch`, this leaves the body compressed. */
function get(url: string, accepted: string): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { 'Accept-Encoding': accepted } }, answer => {
      buffer(answer).then(body => resolve({ headers: answer.headers, body }), reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}
