import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveBoard } from './board.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'presence-password-'))
  mkdirSync(join(root, 'project/.presence'), { recursive: true })
  mkdirSync(join(root, 'xdg/presence'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, content: string): string {
  writeFileSync(join(root, path), content)
  return join(root, path)
}

async function passwordOf(dsn: string | undefined, env: Record<string, string> = {}): Promise<string> {
  const { dsn: resolved } = await resolveBoard(
    dsn,
    { XDG_CONFIG_HOME: join(root, 'xdg'), PRESENCE_TRUST: 'db', ...env },
    join(root, 'project'),
  )
  return resolved.scheme === 'mysql' ? resolved.password : ''
}

const DSN = 'mysql://ana@db/presence'

describe('the password comes from', () => {
  const env = () => ({ PRESENCE_PASSWORD: 'variable', PRESENCE_PASSWORD_FILE: write('file', 'from-file\n') })

  it('the DSN itself first', async () => {
    expect(await passwordOf('mysql://ana:own@db/presence', env())).toBe('own')
  })

  it("the DSN's password file before the environment", async () => {
    expect(await passwordOf(`${DSN}?password-file=${write('named', 'named')}`, env())).toBe('named')
  })

  it('PRESENCE_PASSWORD before PRESENCE_PASSWORD_FILE', async () => {
    expect(await passwordOf(DSN, env())).toBe('variable')
    expect(await passwordOf(DSN, { ...env(), PRESENCE_PASSWORD: '' })).toBe('from-file')
  })

  it('nowhere, and is empty, if none is given', async () => {
    expect(await passwordOf(DSN)).toBe('')
  })
})

describe('a password file', () => {
  it.each([
    ['s3cret', 's3cret'],
    ['s3cret\n', 's3cret'],
    ['s3cret\r\nsecond line', 's3cret'],
    [' spaces kept ', ' spaces kept '],
    ['\ufeffp\u00e9', 'p\u00e9'],
  ])('is read up to the end of its first line: %j', async (content, password) => {
    expect(await passwordOf(`${DSN}?password-file=${write('file', content)}`)).toBe(password)
  })

  it('is relative to where the DSN was written', async () => {
    write('project/secret', 'relative')
    expect(await passwordOf(`${DSN}?password-file=secret`)).toBe('relative')
    write('xdg/presence/config.json', JSON.stringify({ dsn: `${DSN}?password-file=mine` }))
    write('xdg/presence/mine', "the user's")
    expect(await passwordOf(undefined)).toBe("the user's")
  })

  it('that is missing, empty or a folder is refused by name', async () => {
    for (const [path, reason] of [
      ['gone', 'ENOENT'],
      ['project', 'not a regular file'],
    ] as const)
      await expect(passwordOf(DSN, { PRESENCE_PASSWORD_FILE: join(root, path) })).rejects.toMatchObject({
        code: 'invalid_config',
        message: `PRESENCE_PASSWORD_FILE ${join(root, path)} can't be read (${reason})`,
      })
    const empty = write('empty', '\nsecond')
    await expect(passwordOf(`${DSN}?password-file=${empty}`)).rejects.toMatchObject({
      code: 'invalid_config',
      message: `the DSN's password-file ${empty} is empty`,
    })
  })

  it('may be a regular file, or a link to one as Kubernetes mounts a secret, of up to 64 KiB', async () => {
    mkdirSync(join(root, 'mounted/..2026'), { recursive: true })
    write('mounted/..2026/password', `s3cret\n${'x'.repeat((64 << 10) - 7)}`)
    symlinkSync('..2026', join(root, 'mounted/..data'))
    symlinkSync('..data/password', join(root, 'mounted/password'))
    expect(await passwordOf(DSN, { PRESENCE_PASSWORD_FILE: join(root, 'mounted/password') })).toBe('s3cret')

    const large = write('large', `s3cret\n${'x'.repeat((64 << 10) - 6)}`)
    for (const [file, reason] of [
      [large, 'larger than 64 KiB'],
      ['/dev/null', 'not a regular file'],
    ] as const)
      await expect(passwordOf(DSN, { PRESENCE_PASSWORD_FILE: file })).rejects.toMatchObject({
        code: 'invalid_config',
        message: `PRESENCE_PASSWORD_FILE ${file} can't be read (${reason})`,
        remedy: expect.stringContaining('regular file'),
      })
  })

  it("named by a project's config must be inside the project, so that a checkout can't send a user's file", async () => {
    const mine = write('mine', 'hunter2')
    symlinkSync(mine, join(root, 'project/link'))
    write('project/own', 'own')
    for (const file of [mine, '../mine', 'link']) {
      write('project/.presence/config.json', JSON.stringify({ dsn: `${DSN}?password-file=${file}` }))
      await expect(passwordOf(undefined)).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringContaining('outside the project'),
        remedy: expect.stringContaining('PRESENCE_PASSWORD_FILE'),
      })
    }
    write('project/.presence/config.json', JSON.stringify({ dsn: `${DSN}?password-file=own` }))
    expect(await passwordOf(undefined)).toBe('own')
  })
})

describe('a CA file', () => {
  it('is relative to where the DSN was written', async () => {
    write('project/.presence/config.json', JSON.stringify({ dsn: `${DSN}?ssl-ca=certs/ca.pem` }))
    const { dsn } = await resolveBoard(undefined, { PRESENCE_TRUST: 'db' }, join(root, 'project/.presence'))
    expect(dsn).toMatchObject({ tls: { caFile: join(root, 'project/certs/ca.pem') } })
  })
})
