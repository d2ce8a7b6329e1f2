import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TrustProject } from '../../test/trust-project.ts'
import { allStored, forget, store, trustedFolder } from './trusted.ts'

const isRoot = process.geteuid?.() === 0
const STRANGER = 12_345
const SERVER = 'mysql://presence@db.example:3306/presence'

describe('trust', () => {
  it('is in the fields that decide where claims and secrets go: kinds and project may change', async () => {
    const at = new TrustProject()
    const path = at.says({ dsn: SERVER })
    at.trustIt()
    at.says({ dsn: SERVER, kinds: ['queue'], project: 'web', roles: { a: {} }, strictIdentity: true })
    expect(await at.used()).toBe(path)
    for (const dsn of [
      'mysql://presence@db.example:3307/presence',
      'mysql://presence@db.evil:3306/presence',
      'mysql://root@db.example:3306/presence',
      'mysql://presence@db.example:3306/other',
      `${SERVER}?ssl=required`,
      'http://db.example:3306',
    ]) {
      at.says({ dsn })
      expect(await at.used(), dsn).toBe('untrusted')
    }
    at.says({ dsn: SERVER })
    expect(await at.used()).toBe(path)
  })

  it('is in the CA, too, if the project brings its own', async () => {
    const at = new TrustProject()
    const path = at.says({ dsn: 'https://board.example?tls-ca=ca.pem' })
    const ca = at.put('project/ca.pem', 'one')
    at.trustIt()
    expect(await at.used()).toBe(path)
    at.put('project/ca.pem', 'two')
    expect(await at.used()).toBe('untrusted')
    rmSync(ca)
    expect(await at.used()).toBe('untrusted')
    at.put('project/ca.pem', 'one')
    expect(await at.used()).toBe(path)
  })

  it('is in one project: the same file in another needs its own', async () => {
    const at = new TrustProject()
    const { root, project } = at
    at.says({ dsn: SERVER })
    at.trustIt()
    at.put('copy/.presence/config.json', { dsn: SERVER })
    expect(await at.used({}, join(root, 'copy'))).toBe('untrusted')
    symlinkSync(project, join(root, 'link'))
    expect(await at.used({}, join(root, 'link/src')), 'the same project by a link').toContain('config.json')
  })

  it('is also in the linked worktrees of the project, and in no folder that only says that it is one', async () => {
    const at = new TrustProject()
    const { root, project } = at
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: project,
        stdio: 'pipe',
      })
    at.says({ dsn: SERVER })
    at.put('project/sub/.presence/config.json', { dsn: SERVER })
    git('init', '-q')
    git('add', '-A')
    git('commit', '-qm', 'c')
    git('worktree', 'add', '-q', '../linked')
    const linked = join(root, 'linked')
    expect(await at.used({}, linked)).toBe('untrusted')
    at.trustIt()
    expect(await at.used({}, linked)).toBe(join(linked, '.presence/config.json'))
    expect(await at.used({}, join(linked, 'sub')), 'another project of the repository').toBe('untrusted')
    at.put('linked/.presence/config.json', { dsn: 'mysql://db.evil/presence' })
    expect(await at.used({}, linked), 'a branch that names another server').toBe('untrusted')
    at.put('evil/.git', readFileSync(join(linked, '.git'), 'utf8'))
    at.put('evil/.presence/config.json', { dsn: SERVER })
    expect(await at.used({}, join(root, 'evil'))).toBe('untrusted')
    at.put('forged/.git/commondir', '../../project/.git\n')
    at.put('forged/.git/gitdir', '../.git\n')
    at.put('forged/.presence/config.json', { dsn: SERVER })
    expect(await at.used({}, join(root, 'forged'))).toBe('untrusted')
    if (!isRoot) return
    at.put('linked/.presence/config.json', { dsn: SERVER })
    expect(await at.used({}, linked)).toBe(join(linked, '.presence/config.json'))
    chownSync(join(linked, '.git'), STRANGER, STRANGER)
    expect(await at.used({}, linked), 'a worktree of another user').toBe('untrusted')
  })

  it.skipIf(!isRoot)('in what others may change is not in a worktree that another user owns', async () => {
    const at = new TrustProject()
    const { root, project } = at
    const linked = join(root, 'linked')
    at.says({ dsn: SERVER })
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: project,
        stdio: 'pipe',
      })
    git('init', '-q')
    git('add', '-A')
    git('commit', '-qm', 'c')
    git('worktree', 'add', '-q', linked)
    for (const top of [project, linked]) chmodSync(join(top, '.presence/config.json'), 0o666)
    at.trustIt()
    expect(await at.used({}, linked)).toBe(join(linked, '.presence/config.json'))
    chownSync(linked, STRANGER, STRANGER)
    expect(await at.used({}, linked)).toBe('untrusted')
  })

  it('is stored in a file that only this user can write, and others’ files don’t count', async () => {
    const at = new TrustProject()
    const { env } = at
    const path = at.says({ dsn: SERVER })
    at.trustIt()
    const [name = ''] = readdirSync(trustedFolder(env))
    const file = join(trustedFolder(env), name)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(trustedFolder(env)).mode & 0o777).toBe(0o700)
    expect(await at.used()).toBe(path)
    chmodSync(file, 0o666)
    expect((await at.faultOf()).message).toContain(
      `${file} doesn't count, because others may have written it`,
    )
    chmodSync(file, 0o600)
    if (isRoot) {
      chownSync(file, STRANGER, STRANGER)
      expect(await at.used()).toBe('untrusted')
      chownSync(file, 0, 0)
    }
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('db.example', 'db.other'))
    expect(await at.used(), 'a file whose name fits and whose text doesn’t').toBe('untrusted')
    renameSync(file, `${file}.away`)
    symlinkSync(`${file}.away`, file)
    writeFileSync(`${file}.away`, text)
    expect(await at.used()).toBe(path)
  })

  it('is kept by several at once, listed, and ended for a project', async () => {
    const at = new TrustProject()
    const { env } = at
    const script = `
      import { store } from ${JSON.stringify(join(import.meta.dirname, 'trusted.ts'))}
      for (let at = 0; at < 20; at++) store('/p' + process.argv[1], { dsn: 'mysql://h/' + at }, process.env)`
    const all = ['a', 'b', 'c'].map(
      name =>
        new Promise<void>((resolve, reject) => {
          spawn(process.execPath, ['--input-type=module', '-e', script, name], {
            env: { ...env, PATH: process.env['PATH'] },
            stdio: 'inherit',
          })
            .on('error', reject)
            .on('close', status => (status === 0 ? resolve() : reject(new Error(`status ${status}`))))
        }),
    )
    await Promise.all(all)
    expect(allStored(env)).toHaveLength(60)
    store('/p' + 'a', { dsn: 'mysql://h/0' }, env)
    expect(allStored(env)).toHaveLength(60)
    expect(forget('/pb', env)).toHaveLength(20)
    expect(new Set(allStored(env).map(({ project: each }) => each))).toEqual(new Set(['/pa', '/pc']))
    expect(forget('/pb', env)).toEqual([])
  })
})
