import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Authority, type Certificate } from '../../../../e2e/support/certificates.ts'
import { type HttpDsn, parseDsn } from '../config/dsn.ts'
import { Deadline } from '../deadline.ts'
import { Client } from './client.ts'
import { API_VERSION } from './headers.ts'

let folder: string
let authority: Authority
let ours: Certificate
let others: Certificate
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'presence-tls-'))
  authority = new Authority(folder)
  ours = authority.certify('ours', 'IP:127.0.0.1')
  others = authority.certify('others', 'DNS:elsewhere.example')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function ask({ cert, key }: Certificate, parameters: string) {
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_, response) =>
    response
      .writeHead(200, { 'presence-version': '1', 'presence-api': String(API_VERSION) })
      .end('{"now":"2026-03-01T12:00:00Z"}'),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = new Client(parseDsn(`https://127.0.0.1:${port}${parameters}`) as HttpDsn, [])
  onTestFinished(() => {
    client.close()
    server.close()
  })
  const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
  return client.ask('now', session, {}, Deadline.after(5_000))
}

describe('a server over TLS', () => {
  it('is called if its certificate is signed by a CA that the DSN names', async () => {
    expect(await ask(ours, `?tls-ca=${authority.ca}`)).toEqual({ now: new Date('2026-03-01T12:00:00Z') })
  })

  it('is not called if its certificate is untrusted or for another host', async () => {
    await expect(ask(ours, '')).rejects.toMatchObject({ code: 'tls_failed' })
    await expect(ask(others, `?tls-ca=${authority.ca}`)).rejects.toMatchObject({ code: 'tls_failed' })
  })

  it('is not called if the CA file holds no certificate, which the user must fix', async () => {
    const file = join(folder, 'empty.pem')
    writeFileSync(file, 'nothing')
    await expect(ask(ours, `?tls-ca=${file}`)).rejects.toMatchObject({
      code: 'invalid_config',
      remedy: expect.stringContaining('tls-ca='),
    })
  })
})
