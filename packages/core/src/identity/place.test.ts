import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nameOfRemote, placeOf } from './place.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'presence-place-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd, stdio: 'pipe' })

function repository(): string {
  const top = join(folder, 'infra')
  mkdirSync(join(top, 'deep/below'), { recursive: true })
  git(top, 'init', '-q', '-b', 'main')
  return top
}

describe('the place of a session', () => {
  it('is the repository, named by its folder without a remote, and the branch, even before the first commit', () => {
    const top = repository()
    expect(placeOf(join(top, 'deep/below'))).toEqual({ repo: 'infra', branch: 'main', worktree: top })
  })

  it('names the same repository in every worktree, each with its own branch', () => {
    const top = repository()
    git(top, 'remote', 'add', 'origin', 'https://x:secret@GitHub.com/acme/infra.git')
    git(top, 'commit', '-q', '--allow-empty', '-m', 'a')
    git(top, 'worktree', 'add', '-q', '-b', 'agent/dns/active', join(folder, 'dns'))
    expect(placeOf(top)).toEqual({ repo: 'github.com/acme/infra', branch: 'main', worktree: top })
    expect(placeOf(join(folder, 'dns'))).toEqual({
      repo: 'github.com/acme/infra',
      branch: 'agent/dns/active',
      worktree: join(folder, 'dns'),
    })
  })

  it('has no branch if the head is detached', () => {
    const top = repository()
    git(top, 'commit', '-q', '--allow-empty', '-m', 'a')
    git(top, 'checkout', '-q', '--detach')
    expect(placeOf(top)).toEqual({ repo: 'infra', worktree: top })
  })

  it('is only the folder outside a repository', () => {
    expect(placeOf(folder)).toEqual({ worktree: folder })
  })

  it.each(['', 'gitdir: ', 'gitdir: /nowhere', '\0'])(
    'never fails because of a .git that contains %j',
    text => {
      writeFileSync(join(folder, '.git'), text)
      expect(placeOf(folder).worktree).toBe(folder)
    },
  )

  it('includes a remote that git had to quote', () => {
    const top = repository()
    git(top, 'remote', 'add', 'origin', 'https://host/acme/in;fra.git')
    expect(placeOf(top).repo, 'the remote gives no plain name, so the folder’s is used').toBe('infra')
    git(top, 'remote', 'set-url', 'origin', 'https://u:p;w@host/acme/infra.git')
    expect(placeOf(top).repo).toBe('host/acme/infra')
  })

  it('is found quickly in a config of many empty lines', () => {
    const top = repository()
    writeFileSync(join(top, '.git/config'), `[core]\n${'\n'.repeat(200_000)}x`)
    const from = performance.now()
    for (let at = 0; at < 3; at++) expect(placeOf(top).repo).toBe('infra')
    const small = performance.now() - from
    expect(small, 'matching one pattern against the whole file took 10 s').toBeLessThan(5_000)
  })

  it('does not wait for a config that never ends', () => {
    const top = repository()
    rmSync(join(top, '.git/config'))
    execFileSync('mkfifo', [join(top, '.git/config')])
    expect(placeOf(top)).toEqual({ repo: 'infra', branch: 'main', worktree: top })
  })
})

it.each([
  ['git@github.com:acme/infra.git', 'github.com/acme/infra'],
  ['ssh://git@git.acme.example:2222/acme/infra', 'git.acme.example/acme/infra'],
  ['https://user:pa:ss@host/acme/infra/', 'host/acme/infra'],
  ['https://token@host/acme/infra?x=token', 'host/acme/infra'],
  ['file:///srv/git/infra.git', 'infra'],
  ['/srv/git/infra.git', 'infra'],
  ['../infra', 'infra'],
  ['https://bob:s3/cret@git.example/acme/x.git', 'git.example/acme/x'],
  ['https://bob:s3?cret@git.example/acme/x.git', 'git.example/acme/x'],
  ['https://bob:s3#cret@git.example/acme/x.git', 'git.example/acme/x'],
  ['bob:s3@cret@git.example:acme/x.git', 'git.example/acme/x'],
  ['https://bob:s3cret@git.example', undefined],
  ['https://bob:s3cret@git.example/', undefined],
  ['https://git.example/acme/x?token=1', 'git.example/acme/x'],
  ['what ever it is', undefined],
])('the remote %s is named %s', (url, name) => {
  expect(nameOfRemote(url)).toBe(name)
})
