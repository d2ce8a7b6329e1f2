import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate, openBoard } from '@presence/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Authority } from './support/certificates.ts'
import { presence, presenceOn } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine } from './support/servers.ts'
import type { SqlServer } from './support/sql-server.ts'

describeEachEngine('a board over TLS', engine => {
  let folder: string
  let authority: Authority
  /** Has a certificate for localhost, accepts only TLS. */
  let named: SqlServer
  /** Has a certificate for 127.0.0.1, accepts both. */
  let numbered: SqlServer
  /** Accepts no TLS. */
  let plain: SqlServer
  let stranger: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'presence-tls-'))
    authority = new Authority(folder)
    stranger = new Authority(folder, 'stranger').ca
    const localhost = authority.certify('named', 'DNS:localhost')
    const address = authority.certify('numbered', 'IP:127.0.0.1', 'DNS:db.example')
    numbered = await engine.start({ tls: address })
    plain = await engine.start()
    named = await engine.start({ tls: { ...localhost, required: true } })
    for (const server of [numbered, plain])
      await migrate({ dsn: server.dsn('board'), env: {}, createDatabase: true })
    await migrate({ dsn: over('localhost', 'ssl=required'), env: {}, createDatabase: true })
  })
  afterAll(async () => {
    for (const server of [named, numbered, plain]) await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const over = (host: string, query: string, server = named) =>
    `mysql://root@${host}:${server.port}/board?${query}`

  async function codeOf(dsn: string): Promise<string | undefined> {
    const said = await presenceOn(dsn, 'ana')('list', '--json')
    if (said.stderr === '') return undefined
    const { error } = JSON.parse(said.stdout) as { error: { code: string } }
    return error.code
  }

  it.each(['ssl=required', 'ssl=verify-ca&ssl-ca=', 'ssl=verify-identity&ssl-ca=', 'ssl-ca='])(
    'works with the built command and with the library: %s',
    async query => {
      const dsn = over('localhost', query.replace(/ssl-ca=$/, `ssl-ca=${authority.ca}`))
      const ana = presenceOn(dsn, 'ana')
      expect(await ana('claim', 'node:a', '--purpose', 'p')).toMatchObject({ status: 0, stderr: '' })
      expect((await ana('migrate')).stdout).toBe('presence: up to date: nothing to do\n')

      await using board = await openBoard({ dsn, session: 'bob', env: {} })
      const said = await board.claim('node:a', { purpose: 'q' })
      expect(said.ok && said.others.map(({ session }) => session.id)).toEqual(['ana'])
      expect((await ana('release', '--all-mine')).status).toBe(0)
    },
  )

  it('checks an address as it checks a name', async () => {
    const query = `ssl=verify-identity&ssl-ca=${authority.ca}`
    expect(await codeOf(over('127.0.0.1', query, numbered))).toBeUndefined()
    expect(await codeOf(over('127.0.0.1', query))).toBe('tls_failed')
    expect(await codeOf(over('127.0.0.1', query.replace('identity', 'ca')))).toBeUndefined()
  })

  it('is refused if the certificate is for another host, and the error names both', async () => {
    const query = `ssl=verify-identity&ssl-ca=${authority.ca}`
    const said = await presenceOn(over('localhost', query, numbered), 'ana')('list')
    expect(said).toMatchObject({ status: 0, stdout: '' })
    expect(said.stderr).toMatch(/dolt unreachable at .*its certificate is for another host/)
    expect(said.stderr).toMatch(/Host: localhost.*db\.example/)
    expect(said.stderr).toMatch(/unknown since/)
  })

  it.each(['verify-ca', 'verify-identity'])('is refused if the CA is unknown: %s', async mode => {
    expect(await codeOf(over('localhost', `ssl=${mode}&ssl-ca=${stranger}`))).toBe('tls_failed')
    expect(await codeOf(over('localhost', `ssl=${mode}`))).toBe('tls_failed')
  })

  it('G7: stores calls in the outbox if TLS fails, and delivers them once it works', async () => {
    const state = scratchFolder()
    const say = (query: string, ...args: string[]) =>
      presence(args, {
        env: {
          PRESENCE_DSN: over('localhost', query),
          PRESENCE_SESSION_ID: 'ana',
          XDG_STATE_HOME: state,
        },
      })
    const queries = [`ssl-ca=${stranger}`, ...(engine.name === 'Dolt' ? [''] : [])]
    for (const [at, query] of queries.entries()) {
      const said = await say(query, 'claim', `node:late-${at}`, '--purpose', 'p')
      expect(said).toMatchObject({ status: 0, stdout: '' })
      expect(said.stderr).toMatch(/hint: .*ssl.*; it is queued, and is sent with the next call/)
    }
    const delivered = await say(`ssl-ca=${authority.ca}`, 'sync')
    expect(delivered).toMatchObject({ status: 0, stderr: '' })
    const { stdout } = await say(`ssl-ca=${authority.ca}`, 'list', '--mine')
    for (const at of queries.keys()) expect(stdout).toContain(`node:late-${at}`)
    expect((await say(`ssl-ca=${authority.ca}`, 'release', '--all-mine')).status).toBe(0)
  })

  it('never falls back to a plain connection', async () => {
    for (const query of ['ssl=required', `ssl-ca=${authority.ca}`]) {
      const said = await presenceOn(over('127.0.0.1', query, plain), 'ana')('list', '--strict')
      expect(said.status).toBe(3)
      expect(said.stderr).toContain('the DSN asks for TLS, and the server has none')
    }
  })

  it('gives a hint about TLS if the server requires it and the DSN has none', async () => {
    const said = await presence(['list', '--dsn', named.dsn('board')])
    expect(said).toMatchObject({ status: engine.name === 'Dolt' ? 0 : 2, stdout: '' })
    expect(said.stderr).toMatch(engine.name === 'Dolt' ? /takes TLS connections only/ : /denies access/)
    expect(said.stderr).toMatch(/hint: .*add ssl=verify-identity to the DSN/)
  })

  it.each([
    ['is not there', 'gone.pem', undefined, "can't be read (ENOENT)"],
    ['holds none', 'none.pem', 'nothing', 'contains no certificate'],
    [
      'is spoilt',
      'spoilt.pem',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'contains something that is not a certificate',
    ],
  ])('with a CA file that %s reports that', async (_, name, content, reason) => {
    const file = join(folder, name)
    if (content !== undefined) writeFileSync(file, content)
    const said = await presence(['list', '--dsn', over('localhost', `ssl-ca=${file}`)])
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain(`the CA file ${file} ${reason}`)
  })

  it('shows no password, whatever went wrong', async () => {
    for (const [host, query, server] of [
      ['127.0.0.1', `ssl-ca=${authority.ca}`, named],
      ['localhost', `ssl-ca=${stranger}`, named],
      ['localhost', `ssl-ca=${folder}/gone.pem`, named],
      ['localhost', 'ssl=required', plain],
    ] as const) {
      const dsn = over(host, query, server).replace('root@', 'root:s3cret@')
      for (const args of [['list', '--json'], ['migrate']]) {
        const { status, stdout, stderr } = await presence(args, { env: { PRESENCE_DSN: dsn } })
        expect(status).not.toBeNull()
        expect(stdout + stderr).not.toContain('s3cret')
      }
    }
  })
})
