import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { presence } from './support/cli.ts'
import { git, newRepository, type Repository, write } from './support/repository.ts'
import { scratchFolder } from './support/scratch.ts'
import { until } from './support/until.ts'

const isRoot = process.getuid?.() === 0
const always = [[], ['--abandon', '--yes'], ['--merge', '--yes']] as const

let repository: Repository
let folder: string
beforeEach(async () => {
  repository = newRepository()
  repository.commit('.gitignore', 'ignored/\n')
  repository.commit('lib/tracked', 'one\n')
  folder = repository.folder('dns')
  expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
})

const remove = (...more: readonly string[]) =>
  repository.presence('worktree', 'remove', 'dns', '--json', ...more)

/** Refused with this code and these files under all options, and everything is still there. */
async function expectNamed(code: string, files: readonly string[]): Promise<void> {
  for (const more of always) {
    const said = await remove(...more)
    expect(said.status).toBe(1)
    expect(JSON.parse(said.stdout).error).toMatchObject({ code, files })
    expect(existsSync(join(folder, 'lib/tracked'))).toBe(true)
  }
}

describe('another repository in a worktree is never removed with it', () => {
  it.each(['clone', 'ignored/clone', 'lib', 'lib/deep', 'ignored/a/b/c'])('if it is at %s', async path => {
    newRepository(join(folder, path))
    await expectNamed('holds_repository', [`${path}/`])
  })

  it.each(['ignored/store.git', 'lib/store.git', 'new.git'])('if it is bare, at %s', async path => {
    git(folder, 'clone', '--quiet', '--bare', newRepository().top, path)
    await expectNamed('holds_repository', [`${path}/`])
  })

  it('if it is a worktree of another repository, or has its repository elsewhere', async () => {
    const other = newRepository()
    other.git('worktree', 'add', '--quiet', '-b', 'x', join(folder, 'lib/x'))
    await expectNamed('holds_repository', ['lib/x/'])
    git(folder, 'init', '--quiet', '--separate-git-dir', join(scratchFolder(), 'git'), 'ignored/y')
    expect(JSON.parse((await remove()).stdout).error.files).toHaveLength(2)
  })

  it('if it is in a folder whose name is not valid UTF-8', async () => {
    const inner = newRepository()
    const odd = Buffer.concat([Buffer.from(join(folder, 'lib/')), Buffer.from([0xff, 0x41])])
    mkdirSync(odd)
    renameSync(inner.top, Buffer.concat([odd, Buffer.from('/inner')]))
    const said = await remove('--abandon')
    expect(JSON.parse(said.stdout).error).toMatchObject({ code: 'holds_repository' })
    expect(readdirSync(odd)).toEqual(['inner'])
  })

  it('if it is a submodule, even one that is no longer checked out, until the hint is followed', async () => {
    git(folder, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', newRepository().top, 'sub')
    repository.commit('b', 'with sub\n', folder)
    const author = ['-c', 'user.name=d', '-c', 'user.email=d@x']
    const tip = git(folder, 'rev-parse', ':sub')
    git(join(folder, 'sub'), ...author, 'commit', '--allow-empty', '-qm', 'only here')
    git(join(folder, 'sub'), 'update-ref', 'refs/heads/mine', 'HEAD')
    git(join(folder, 'sub'), 'checkout', '--quiet', tip)
    expect(git(folder, 'status', '--porcelain')).toBe('')
    for (const deinit of [false, true]) {
      if (deinit) git(folder, 'submodule', '--quiet', 'deinit', 'sub')
      for (const more of always)
        expect(JSON.parse((await remove(...more)).stdout).error).toMatchObject({ code: 'holds_repository' })
    }
    const { remedy } = JSON.parse((await remove()).stdout).error
    execFileSync('sh', ['-ec', remedy.replace(/^.*: /, '')], { stdio: 'ignore' })
    const said = await remove('--merge')
    expect(said.status, said.stderr).toBe(0)
  })

  it('unless it is only a link’s target, or its files are tracked as content', async () => {
    const other = newRepository()
    mkdirSync(join(folder, 'ignored'))
    symlinkSync(other.top, join(folder, 'ignored/link'))
    git(folder, 'clone', '--quiet', '--bare', other.top, 'fixture.git')
    write(join(folder, 'fixture.git/refs/keep'), '')
    git(folder, 'add', '--all')
    git(folder, 'commit', '--quiet', '-m', 'a fixture')
    const said = await remove('--merge')
    expect(said.status, said.stderr).toBe(0)
    expect(existsSync(folder)).toBe(false)
    expect(existsSync(join(other.top, 'a'))).toBe(true)
  })
})

describe('what git doesn’t look at is noticed', () => {
  it('if it is files where a submodule is not checked out', async () => {
    const library = newRepository()
    repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.top, 'sub')
    repository.git('commit', '--quiet', '-m', 'sub')
    git(folder, 'merge', '--quiet', 'main')
    write(join(folder, 'sub/mine'), 'mine\n')
    expect(git(folder, 'status', '--porcelain')).toBe('')
    await expectNamed('holds_repository', ['sub/'])
  })

  it('if it is a change of the same size and time, and the settings make git look less closely', async () => {
    for (const setting of ['core.trustctime=false', 'core.checkStat=minimal'])
      repository.git('config', ...(setting.split('=') as [string, string]))
    const file = join(folder, 'lib/tracked')
    execFileSync('touch', ['-d', '2020-01-01', file])
    git(folder, 'update-index', '--refresh')
    // git compares whole seconds of a file's last change.
    const noted = Math.floor(statSync(file).ctimeMs / 1_000)
    await until('another second', () => Math.floor(Date.now() / 1_000) > noted)
    write(file, 'two\n')
    execFileSync('touch', ['-d', '2020-01-01', file])
    expect(git(folder, '--no-optional-locks', 'status', '--porcelain')).toBe('')
    expect(JSON.parse((await remove()).stdout).error).toMatchObject({
      code: 'unsaved_work',
      files: ['lib/tracked'],
    })
  })

  it.skipIf(!isRoot)('if it is a mount', async () => {
    const mount = join(folder, 'ignored/a mount')
    mkdirSync(mount, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mount])
    onTestFinished(() => void execFileSync('umount', [mount]))
    write(join(mount, 'mine'), 'mine\n')
    await expectNamed('holds_mount', [mount])
    expect(existsSync(join(mount, 'mine'))).toBe(true)
  })

  it('if it is a folder that is not writable, which is named before anything is done', async () => {
    const tip = repository.commit('b', 'two\n', folder)
    write(join(folder, 'ignored/cache/x'), 'x')
    chmodSync(join(folder, 'ignored/cache'), 0o555)
    const owner = isRoot ? 65_534 : undefined
    if (owner !== undefined) execFileSync('chown', ['-R', `${owner}:${owner}`, join(repository.top, '..')])
    if (owner !== undefined) chownSync(join(folder, 'ignored/cache'), owner, owner)
    const env = {
      ...repository.env,
      XDG_STATE_HOME: join(repository.top, '../state'),
      XDG_CACHE_HOME: '/nonexistent',
    }
    const run = (...more: readonly string[]) =>
      presence(['worktree', 'remove', 'dns', '--merge', '--json', ...more], {
        ...{ cwd: repository.top, env, within: 60_000 },
        ...(owner === undefined ? {} : { uid: owner }),
      })
    const said = await run()
    expect(said.status, said.stderr).toBe(1)
    expect(JSON.parse(said.stdout).error).toMatchObject({ code: 'not_deletable', files: ['ignored/cache/'] })
    expect(said.stderr).toContain('chmod -R u+rwX')
    expect(git(folder, '-c', `safe.directory=*`, 'rev-parse', 'HEAD')).toBe(tip)
    expect(
      execFileSync('git', ['-c', 'safe.directory=*', 'rev-parse', 'main'], {
        cwd: repository.top,
        encoding: 'utf8',
      }),
    ).not.toContain(tip)
    chmodSync(join(folder, 'ignored/cache'), 0o755)
    expect((await run()).status).toBe(0)
    expect(existsSync(folder)).toBe(false)
  })
})
