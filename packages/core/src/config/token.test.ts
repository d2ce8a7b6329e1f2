import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveBoard } from './board.ts'

const TRUSTED = '192.0.2.2,board.example,evil.example,127.0.0.1'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'presence-token-'))
  mkdirSync(join(root, 'project/.presence'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, content: string): string {
  writeFileSync(join(root, path), content)
  return join(root, path)
}

async function tokenOf(dsn: string | undefined, env: Record<string, string> = {}): Promise<string> {
  const where = { XDG_CONFIG_HOME: join(root, 'xdg'), PRESENCE_TRUST: TRUSTED, ...env }
  const place = await resolveBoard(dsn, where, join(root, 'project'))
  expect(place.dsn.shown).not.toContain('s3cret')
  return place.dsn.scheme === 'http' ? place.dsn.token : ''
}

describe('the token', () => {
  const env = () => ({
    PRESENCE_SERVER_TOKEN: 'variable',
    PRESENCE_SERVER_TOKEN_FILE: write('file', 's3cret\n'),
  })

  it("comes from the DSN's token file, else PRESENCE_SERVER_TOKEN, else PRESENCE_SERVER_TOKEN_FILE", async () => {
    const dsn = 'https://board.example'
    expect(await tokenOf(`${dsn}?token-file=${write('named', 's3cret-named\n')}`, env())).toBe('s3cret-named')
    expect(await tokenOf(dsn, env())).toBe('variable')
    expect(await tokenOf(dsn, { ...env(), PRESENCE_SERVER_TOKEN: '' })).toBe('s3cret')
    expect(await tokenOf(dsn)).toBe('')
  })

  it('comes with a name of its source for messages', async () => {
    const from = async (dsn: string, given: Record<string, string>) => {
      const place = await resolveBoard(dsn, given, root)
      return place.dsn.scheme === 'http' ? place.dsn.tokenFrom : ''
    }
    const [dsn, file] = ['https://board.example', write('file', 's3cret\n')]
    expect(await from(`${dsn}?token-file=${file}`, {})).toBe(`the DSN's token-file ${file}`)
    expect(await from(dsn, { PRESENCE_SERVER_TOKEN: 's3cret' })).toBe('PRESENCE_SERVER_TOKEN')
    expect(await from(dsn, { PRESENCE_SERVER_TOKEN_FILE: file })).toBe(`PRESENCE_SERVER_TOKEN_FILE ${file}`)
    expect(await from(dsn, {})).toBeUndefined()
  })

  it('is sent without TLS only to this host, unless the DSN has insecure=true', async () => {
    const token = { PRESENCE_SERVER_TOKEN: 's3cret' }
    expect(await tokenOf('http://127.0.0.1:8787', token)).toBe('s3cret')
    expect(await tokenOf('http://[::1]:8787', token)).toBe('s3cret')
    expect(await tokenOf('http://board.example?insecure=true', token)).toBe('s3cret')
    expect(await tokenOf('http://board.example')).toBe('')
    await expect(tokenOf('http://board.example', token)).rejects.toMatchObject({
      code: 'invalid_dsn',
      message: 'the token would go in the clear to http://board.example',
    })
  })

  it('is never sent without TLS because a project’s config says so, only because the user’s own does', async () => {
    const env = { PRESENCE_SERVER_TOKEN: 's3cret' }
    const inProject = (dsn: string) => write('project/.presence/config.json', JSON.stringify({ dsn }))
    const file = write('project/token', 's3cret')
    for (const dsn of ['http://192.0.2.2:8899', 'http://192.0.2.2:8899?insecure=true']) {
      inProject(dsn)
      const refused = tokenOf(undefined, env)
      await expect(refused).rejects.toMatchObject({
        code: 'invalid_dsn',
        message: expect.stringContaining('the token would go in the clear to http://192.0.2.2:8899'),
        remedy: expect.stringMatching(/your own config or PRESENCE_DSN/),
      })
      expect(await tokenOf(undefined)).toBe('')
    }
    inProject(`http://192.0.2.2?insecure=true&token-file=${file}`)
    await expect(tokenOf(undefined)).rejects.toMatchObject({ code: 'invalid_dsn' })
    for (const dsn of ['https://board.example', 'http://127.0.0.1:8787?insecure=true']) {
      inProject(dsn)
      expect(await tokenOf(undefined, env)).toBe('s3cret')
    }
    expect(await tokenOf('http://192.0.2.2?insecure=true', env)).toBe('s3cret')
    expect(await tokenOf(undefined, { ...env, PRESENCE_DSN: 'http://192.0.2.2?insecure=true' })).toBe(
      's3cret',
    )
    rmSync(join(root, 'project/.presence/config.json'))
    mkdirSync(join(root, 'xdg/presence'), { recursive: true })
    write('xdg/presence/config.json', JSON.stringify({ dsn: 'http://192.0.2.2?insecure=true' }))
    expect(await tokenOf(undefined, env)).toBe('s3cret')
  })

  it('is never read from a file of the user’s that a project’s config names', async () => {
    const file = write('mine', 's3cret')
    write('project/.presence/config.json', JSON.stringify({ dsn: `https://evil.example?token-file=${file}` }))
    await expect(tokenOf(undefined)).rejects.toMatchObject({
      code: 'invalid_config',
      remedy: expect.stringContaining('PRESENCE_SERVER_TOKEN_FILE'),
    })
  })

  it('must be one line that fits in a header; anything else is refused without showing it', async () => {
    for (const content of ['s3cret\u0000', 's3 cret', 's3crét'])
      await expect(tokenOf('https://h', { PRESENCE_SERVER_TOKEN: content })).rejects.toSatisfy(
        (fault: Error) => !fault.message.includes('s3'),
      )
  })
})
