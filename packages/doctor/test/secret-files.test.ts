import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diagnose } from '@presence/doctor'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'presence-secrets-'))
const repository = join(folder, 'repository')
mkdirSync(join(repository, 'sub'), { recursive: true })
execFileSync('git', ['init', '--quiet', repository])
writeFileSync(join(repository, '.gitignore'), '*.ignored\n')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file with a secret in it, below the test's folder. */
function secret(name: string, mode: number): string {
  const file = join(folder, name)
  writeFileSync(file, 'correct horse\n')
  chmodSync(file, mode)
  return file
}

/** What doctor says about files with secrets, as `status: message; remedy`. */
async function said(env: Readonly<Record<string, string>>, dsn = `sqlite:${join(folder, 'board.db')}`) {
  const where = { HOME: folder, XDG_STATE_HOME: folder, PRESENCE_SESSION_ID: 'ana', ...env }
  const { findings } = await diagnose({ dsn, env: where, cwd: folder })
  return findings
    .filter(({ check }) => check === 'secrets')
    .map(({ status, message, remedy }) => `${status}: ${message}; ${remedy}`)
}

describe('doctor', () => {
  it.each([
    ['outside a repository', 'outside', 0o600, []],
    [
      'readable by every user',
      'open',
      0o644,
      [/^note: every user can read \S+open; run: chmod 600 \S+open$/],
    ],
    [
      'in a repository',
      'repository/plain',
      0o600,
      [/^note: \S+plain holds a secret.*doesn't ignore it; move/],
    ],
    ['in a folder of a repository', 'repository/sub/plain', 0o600, [/inside the repository \S+repository,/]],
    ['in a repository that ignores it', 'repository/it.ignored', 0o600, []],
    ['readable and in a repository', 'repository/both', 0o604, [/every user can read/, /doesn't ignore it/]],
  ])('says if a password file is exposed: %s', async (_, name, mode, expected) => {
    const file = secret(name, mode)
    const notes = (await said({ PRESENCE_PASSWORD_FILE: file })).filter(text => !text.startsWith('ok'))
    expect(notes).toEqual(expected.map(pattern => expect.stringMatching(pattern)))
    expect(notes.join()).not.toContain('correct horse')
  })

  it('says so of a file that the DSN names, of a token file, and of a link into a repository', async () => {
    const open = secret('dsn-password', 0o644)
    expect(await said({}, `mysql://presence@127.0.0.1:1/board?password-file=${open}`)).toEqual([
      expect.stringContaining('every user can read'),
    ])
    const token = secret('token', 0o640 | 0o004)
    expect(await said({ PRESENCE_SERVER_TOKEN_FILE: token })).toEqual([
      expect.stringContaining('every user can read'),
    ])
    const link = join(folder, 'link')
    symlinkSync(secret('repository/linked', 0o600), link)
    expect(await said({ PRESENCE_PASSWORD_FILE: link })).toEqual([
      expect.stringContaining("git doesn't ignore it"),
    ])
  })

  it('finds the repository of the file, also in a hook of git that runs in another one', async () => {
    const file = secret('repository/hooked', 0o600)
    const notes = await said({ PRESENCE_PASSWORD_FILE: file, GIT_DIR: join(folder, 'elsewhere/.git') })
    expect(notes).toEqual([expect.stringContaining("git doesn't ignore it")])
  })

  it('says nothing of secrets if no file holds one', async () => {
    expect(await said({})).toEqual([])
    expect(await said({ PRESENCE_PASSWORD_FILE: join(folder, 'not-there') })).toEqual([])
  })
})
