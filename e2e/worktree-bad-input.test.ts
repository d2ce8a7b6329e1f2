import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { git, initRepository, newRepository, Repository, write } from './support/repository.ts'
import { scratchFolder } from './support/scratch.ts'

const isRoot = process.getuid?.() === 0

/** The refusal, from `--json`. */
async function refusal(repository: Repository, ...args: readonly string[]) {
  const { status, stdout, stderr } = await repository.presence('worktree', ...args, '--json')
  expect(stderr, 'with a hint').toContain('presence: hint: ')
  return { status, ...JSON.parse(stdout).error }
}

/** Nothing was created for a role. */
function expectNothingOf(repository: Repository, role = 'dns'): void {
  expect(existsSync(repository.folder(role))).toBe(false)
  expect(repository.refs().filter(ref => ref.includes('agent/'))).toEqual([])
  expect(git(repository.top, 'worktree', 'list').split('\n')).toHaveLength(1)
}

describe('a role', () => {
  it.each([
    ['with a slash', 'a/b', 'a-b'],
    ['that climbs', '../../x', 'x'],
    ['of two dots', '..', undefined],
    ['with a space', 'data base', 'data-base'],
    ['of 200 characters', 'a'.repeat(200), undefined],
    ['of another script', '数据库', undefined],
    ['with an accent', 'Café', 'cafe'],
    ['with a capital', 'DNS', 'dns'],
    ['with a line’s end', 'a\nb', 'a-b'],
    ['that would be a lock', 'a.lock', 'a-lock'],
    ['that is empty', '', undefined],
  ])('%s is refused, and the nearest valid role is named', async (_, role, near) => {
    const repository = newRepository()
    for (const verb of ['add', 'merge', 'remove']) {
      const said = await refusal(repository, verb, role)
      expect(said).toMatchObject({ status: 2, code: 'invalid_role' })
      if (near) expect(said.remedy).toBe(`did you mean ${near}?`)
    }
    expectNothingOf(repository)
  })

  it('with a leading dash is an unknown option, or after -- an invalid role', async () => {
    const repository = newRepository()
    expect((await repository.presence('worktree', 'add', '-x')).status).toBe(2)
    const { status, stderr } = await repository.presence('worktree', 'add', '--', '-x')
    expect(status).toBe(2)
    expect(stderr).toContain('did you mean x?')
  })

  it('is required', async () => {
    const { status, stderr } = await newRepository().presence('worktree', 'add')
    expect(status).toBe(2)
    expect(stderr).toContain("missing required argument 'role'")
  })
})

describe('a place for worktrees', () => {
  it('can’t be a folder outside of a repository', async () => {
    const repository = new Repository(scratchFolder())
    for (const args of [['add', 'dns'], ['list'], ['merge', 'dns'], ['remove', 'dns']])
      expect(await refusal(repository, ...args)).toMatchObject({ status: 1, code: 'not_a_repository' })
  })

  it('can’t be a bare repository, or a worktree of one', async () => {
    const seed = newRepository()
    const bare = new Repository(scratchFolder())
    git(bare.top, 'clone', '--quiet', '--bare', seed.top, 'x.git')
    git(join(bare.top, 'x.git'), 'worktree', 'add', '--quiet', '../linked', 'main')
    for (const folder of ['x.git', 'linked'])
      expect(await refusal(new Repository(join(bare.top, folder)), 'add', 'dns')).toMatchObject({
        code: 'bare_repository',
      })
  })

  it('can be a shallow clone, whose branches are merged as far as its history reaches', async () => {
    const seed = newRepository()
    seed.commit('b', 'two\n')
    const folder = scratchFolder()
    git(folder, 'clone', '--quiet', '--depth=1', `file://${seed.top}`, 'infra')
    const shallow = new Repository(join(folder, 'infra'))
    expect((await shallow.presence('worktree', 'add', 'dns')).status).toBe(0)
    shallow.commit('zone', 'dns\n', shallow.folder('dns'))
    expect((await shallow.presence('worktree', 'remove', 'dns', '--merge')).status).toBe(0)
    expect(existsSync(join(shallow.top, 'zone'))).toBe(true)
  })

  it('can be a repository with a detached head: the worktree still starts from main', async () => {
    const repository = newRepository()
    const main = repository.git('rev-parse', 'HEAD')
    repository.commit('b', 'two\n')
    repository.git('checkout', '--quiet', '--detach')
    repository.git('branch', '--force', 'main', main)
    expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
    expect(git(repository.folder('dns'), 'rev-parse', 'HEAD')).toBe(main)
  })

  it('can’t be a repository without commits', async () => {
    const repository = initRepository()
    expect(await refusal(repository, 'add', 'dns')).toMatchObject({ status: 1, code: 'no_commit' })
    expectNothingOf(repository)
    expect((await repository.presence('worktree', 'list', '--json')).stdout).toBe('[]\n')
  })

  it('can’t be a repository without a branch to start from, and the error says so', async () => {
    const repository = newRepository()
    repository.git('branch', '--move', 'trunk')
    expect(await refusal(repository, 'add', 'dns')).toMatchObject({ code: 'no_such_branch' })
    for (const from of ['nope', '--upload-pack=x', ' ', 'main..trunk', '\u001b[2J'])
      expect(await refusal(repository, 'add', 'dns', `--from=${from}`)).toMatchObject({
        code: 'no_such_branch',
      })
    expectNothingOf(repository)
    expect((await repository.presence('worktree', 'add', 'dns', '--from', 'trunk')).status).toBe(0)
  })

  it('can’t be a submodule, and a worktree reports that its submodules are not checked out', async () => {
    const library = newRepository()
    const repository = newRepository()
    repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.top, 'lib')
    repository.git('commit', '--quiet', '-m', 'lib')
    const inside = new Repository(join(repository.top, 'lib'))
    expect(await refusal(inside, 'add', 'dns')).toMatchObject({ status: 1, code: 'submodule' })
    const said = await repository.presence('worktree', 'add', 'dns')
    expect(said.status).toBe(0)
    expect(said.stderr).toContain('submodule update --init')
    expect((await repository.presence('worktree', 'remove', 'dns')).status).toBe(0)
  })

  it('needs git 2.30', async () => {
    const repository = newRepository()
    const folder = scratchFolder()
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    const told = 'git version 2.29.3 (a stand-in for tests)'
    write(
      join(folder, 'git'),
      `#!/bin/sh\n# Not git: a stand-in that gives the version of an old one, and hands all else on.\ncase "$*" in *--version*) echo "${told}" ;; *) exec ${real} "$@" ;; esac\n`,
    )
    chmodSync(join(folder, 'git'), 0o755)
    const env = { PATH: `${folder}:${process.env['PATH']}` }
    const said = await repository.presenceIn(repository.top, env, 'worktree', 'add', 'dns')
    expect(said.status).toBe(1)
    expect(said.stderr).toContain('need git 2.30 or newer; this is 2.29.3')
    expectNothingOf(repository)
  })

  it('needs git', async () => {
    const folder = scratchFolder()
    for (const name of ['sh', 'node', 'readlink', 'dirname'])
      symlinkSync(
        execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
        join(folder, name),
      )
    const repository = newRepository()
    const said = await repository.presenceIn(repository.top, { PATH: folder }, 'worktree', 'list')
    expect(said.status).toBe(3)
    expect(said.stderr).toContain('there is no git on PATH')
  })
})

/** A path whose folder exists. */
function made(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  return path
}

describe('adding a worktree', () => {
  it.each<[string, (path: string) => void]>([
    ['a folder with files', path => write(join(path, 'mine'), 'x')],
    ['a file', path => write(path, 'x')],
    ['a link', path => symlinkSync('..', made(path))],
    ['a repository of its own', path => void newRepository(path)],
  ])('leaves %s at the path alone, and names it', async (_, make) => {
    const repository = newRepository()
    make(repository.folder('dns'))
    const said = await refusal(repository, 'add', 'dns')
    expect(said).toMatchObject({ status: 1, code: 'path_exists' })
    expect(said.message).toContain(repository.folder('dns'))
    expect(existsSync(repository.folder('dns'))).toBe(true)
    expect(repository.refs()).toHaveLength(1)
    expect(await refusal(repository, 'remove', 'dns', '--abandon')).toMatchObject({
      code: 'no_such_worktree',
    })
    expect(existsSync(repository.folder('dns'))).toBe(true)
  })

  it('accepts an empty folder at the path', async () => {
    const repository = newRepository()
    mkdirSync(repository.folder('dns'), { recursive: true })
    expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
  })

  it('refuses a link in place of .worktrees, because it may lead anywhere', async () => {
    const repository = newRepository()
    const elsewhere = scratchFolder()
    symlinkSync(elsewhere, join(repository.top, '.worktrees'))
    expect(await refusal(repository, 'add', 'dns')).toMatchObject({ code: 'path_exists' })
    expect(repository.refs()).toHaveLength(1)
  })

  it('refuses a branch that is checked out elsewhere, and names the folder', async () => {
    const repository = newRepository()
    const elsewhere = join(scratchFolder(), 'other')
    repository.git('worktree', 'add', '--quiet', '-b', 'agent/dns/active', elsewhere)
    const said = await refusal(repository, 'add', 'dns')
    expect(said).toMatchObject({ status: 1, code: 'branch_elsewhere' })
    expect(said.message).toContain(elsewhere)
    rmSync(elsewhere, { recursive: true })
    expect((await refusal(repository, 'add', 'dns')).remedy).toContain('git worktree prune')
  })

  it('refuses if another branch blocks the branch’s name, and leaves nothing behind', async () => {
    const repository = newRepository()
    repository.git('branch', 'agent/dns')
    const said = await repository.presence('worktree', 'add', 'dns')
    expect(said.status).toBe(3)
    expect(said.stderr).toContain('refs/heads/agent/dns')
    expect(said.stderr).toContain('nothing was left behind')
    expect(existsSync(repository.folder('dns'))).toBe(false)
  })

  it('continues an existing branch where it is', async () => {
    const repository = newRepository()
    repository.git('branch', 'agent/dns/active')
    repository.commit('b', 'two\n')
    const said = await repository.presence('worktree', 'add', 'dns', '--from', 'main')
    expect(said.status).toBe(0)
    expect(said.stderr).toContain('--from is not used')
    expect(existsSync(repository.folder('dns', 'b'))).toBe(false)
  })

  it('creates a deleted folder again, on its branch', async () => {
    const repository = newRepository()
    await repository.presence('worktree', 'add', 'dns')
    const tip = repository.commit('zone', 'dns\n', repository.folder('dns'))
    rmSync(repository.folder('dns'), { recursive: true })
    const listed = await repository.presence('worktree', 'list', '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject([{ state: 'gone', dirty: null, head: tip }])
    expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
    expect(git(repository.folder('dns'), 'rev-parse', 'HEAD')).toBe(tip)
    expect(git(repository.folder('dns'), 'status', '--porcelain')).toBe('')
  })

  it('never removes a locked worktree, nor creates it again if its folder is gone', async () => {
    const repository = newRepository()
    await repository.presence('worktree', 'add', 'dns')
    repository.git('worktree', 'lock', '--reason', 'on a disk\u001b[2J', repository.folder('dns'))
    for (const more of [[], ['--abandon', '--yes'], ['--merge']]) {
      const said = await refusal(repository, 'remove', 'dns', ...more)
      expect(said).toMatchObject({ status: 1, code: 'locked' })
      expect(said.message).toContain('on a disk')
      expect(said.message).not.toContain('\u001b')
    }
    expect((await repository.presence('worktree', 'add', 'dns')).status, 'it is there').toBe(0)
    rmSync(repository.folder('dns'), { recursive: true })
    expect(await refusal(repository, 'add', 'dns')).toMatchObject({ code: 'locked' })
    repository.git('worktree', 'unlock', repository.folder('dns'))
    expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
  })

  it('does not touch a worktree whose .git is gone', async () => {
    const repository = newRepository()
    await repository.presence('worktree', 'add', 'dns')
    write(repository.folder('dns', 'work'), 'mine')
    rmSync(repository.folder('dns', '.git'))
    for (const args of [
      ['add', 'dns'],
      ['remove', 'dns', '--abandon'],
    ])
      expect(await refusal(repository, ...args)).toMatchObject({ code: 'broken_worktree' })
    expect(existsSync(repository.folder('dns', 'work'))).toBe(true)
  })

  it('names a worktree that a killed git left half made, and removes it only with --abandon', async () => {
    const repository = newRepository()
    await repository.presence('worktree', 'add', 'dns')
    // What `git worktree add` leaves when it is killed: its own lock, and not all files.
    writeFileSync(join(repository.top, '.git/worktrees/dns/locked'), 'initializing\n')
    rmSync(join(repository.top, '.git/worktrees/dns/index'))
    for (const args of [
      ['add', 'dns'],
      ['remove', 'dns'],
    ])
      expect(await refusal(repository, ...args)).toMatchObject({ status: 1, code: 'half_made' })
    expect((await repository.presence('worktree', 'remove', 'dns', '--abandon')).status).toBe(0)
    expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
    expect(git(repository.folder('dns'), 'status', '--porcelain')).toBe('')
  })

  it('reports a failing hook of the repository, and completes the worktree', async () => {
    const repository = newRepository()
    write(join(repository.top, '.git/hooks/post-checkout'), '#!/bin/sh\necho "error: no" >&2; exit 1\n')
    chmodSync(join(repository.top, '.git/hooks/post-checkout'), 0o755)
    const said = await repository.presence('worktree', 'add', 'dns')
    expect(said.status).toBe(0)
    expect(said.stderr).toContain('a hook of the repository failed')
    expect(git(repository.folder('dns'), 'config', 'user.email')).toBe('dns@presence.invalid')
  })
})

describe.skipIf(!isRoot)('a disk that fills up', () => {
  /** A repository on a small separate disk, with files of 600 KiB. */
  function onSmallDisk(): Repository {
    const disk = scratchFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk])
    onTestFinished(() => void execFileSync('umount', [disk]))
    const repository = initRepository(join(disk, 'infra'))
    for (let at = 0; at < 30; at++) write(join(repository.top, `f${at}`), `${at}\n`.repeat(7_000))
    repository.commit('a', 'one\n')
    return repository
  }

  /** Fills the disk, except for this many KiB. */
  function fill({ top }: Repository, left: number): () => void {
    const { bavail, bsize } = statfsSync(top)
    const filler = join(top, '../filler')
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - left * 1_024)))
    return () => rmSync(filler)
  }

  it.each([0, 4, 8, 16, 24, 32, 64, 300, 560, 600, 640])(
    'with %i KiB left: a half-made worktree is always named, and one can be added once there is room',
    async left => {
      const repository = onSmallDisk()
      const free = fill(repository, left)
      const said = await repository.presence('worktree', 'add', 'dns')
      if (said.status === 0) {
        expect(git(repository.folder('dns'), 'config', 'user.email')).toBe('dns@presence.invalid')
      } else {
        expect(said.status, said.stderr).toBe(3)
        const [, named = ''] = /left behind: ([^\n]*)/.exec(said.stderr) ?? []
        if (existsSync(repository.folder('dns'))) expect(named).toContain(repository.folder('dns'))
        if (repository.refs().some(ref => ref.includes('agent/'))) expect(named).toContain('agent/dns/active')
      }
      free()
      expect(repository.git('status', '--porcelain')).toBe('')
      const again = await repository.presence('worktree', 'add', 'dns')
      expect(again.status, again.stderr).toBe(0)
      expect(git(repository.folder('dns'), 'status', '--porcelain')).toBe('')
      expect(git(repository.folder('dns'), 'config', 'user.email')).toBe('dns@presence.invalid')
    },
  )

  it('during a merge is reported, with the folder that has changed', async () => {
    const repository = onSmallDisk()
    await repository.presence('worktree', 'add', 'dns')
    for (let at = 0; at < 5; at++) write(repository.folder('dns', `new${at}`), `${at}\n`.repeat(9_000))
    const tip = repository.commit('zone', 'dns\n', repository.folder('dns'))
    const free = fill(repository, 40)
    const said = await repository.presence('worktree', 'merge', 'dns')
    expect(said.status).not.toBe(0)
    const isDirty = repository.git('--no-optional-locks', 'status', '--porcelain') !== ''
    if (isDirty) expect(said.stderr).toContain(`${repository.top} was changed`)
    free()
    expect(repository.git('rev-parse', 'agent/dns/active')).toBe(tip)
  })

  it('before uncommitted work can be kept causes nothing to be removed', async () => {
    const repository = onSmallDisk()
    await repository.presence('worktree', 'add', 'dns')
    write(repository.folder('dns', 'work'), `${Math.random()}\n`.repeat(500))
    fill(repository, 0)
    const said = await repository.presence('worktree', 'remove', 'dns', '--abandon')
    expect(said.status).toBe(3)
    expect(existsSync(repository.folder('dns', 'work'))).toBe(true)
  })
})
