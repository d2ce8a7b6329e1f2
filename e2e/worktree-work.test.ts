import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { PRESENCE } from './support/cli.ts'
import { clonedRepository, git, NO_SETTINGS, type Repository, write } from './support/repository.ts'
import { has, Terminal } from './support/terminal.ts'
import { until } from './support/until.ts'

let repository: Repository
let folder: string
beforeEach(async () => {
  repository = clonedRepository()
  folder = repository.folder('dns')
  expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
})

const remove = (...more: readonly string[]) =>
  repository.presence('worktree', 'remove', 'dns', '--json', ...more)
const codeOf = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout).error?.code

/** Refused, and everything is still there. */
async function expectKept(code: string, ...more: readonly string[]): Promise<void> {
  const before = [repository.refs(), git(folder, 'status', '--porcelain=v2', '--ignored')]
  const said = await remove(...more)
  expect(said.status).toBe(1)
  expect(codeOf(said)).toBe(code)
  expect([repository.refs(), git(folder, 'status', '--porcelain=v2', '--ignored')]).toEqual(before)
}

/**
 * Removed with `--abandon`, and its work is kept under the named ref.
 * @returns the ref
 */
async function expectAbandoned(): Promise<string> {
  const said = await remove('--abandon')
  expect(said.status, said.stderr).toBe(0)
  expect(existsSync(folder)).toBe(false)
  return JSON.parse(said.stdout).kept
}

describe('uncommitted work', () => {
  it.each<[string, () => void]>([
    ['changed', () => write(join(folder, 'a'), 'two\n')],
    [
      'changed and marked skip-worktree',
      () => {
        git(folder, 'update-index', '--skip-worktree', 'a')
        write(join(folder, 'a'), 'two\n')
      },
    ],
    [
      'changed and marked assume-unchanged',
      () => {
        git(folder, 'update-index', '--assume-unchanged', 'a')
        write(join(folder, 'a'), 'two\n')
      },
    ],
  ])('in a file that is %s is refused without a terminal, and kept when abandoned', async (_, change) => {
    change()
    await expectKept('unsaved_work')
    await expectKept('unsaved_work', '--merge')
    await expectKept('unsaved_work', '--yes')
    const kept = await expectAbandoned()
    expect(repository.git('show', `${kept}:a`)).toBe('two')
  })

  it('is restored by the command that is printed, and by git stash apply', async () => {
    write(join(folder, 'a'), 'staged\n')
    git(folder, 'add', 'a')
    write(join(folder, 'a'), 'in the file\n')
    write(join(folder, 'deep/new'), 'untracked\n')
    const said = await repository.presence('worktree', 'remove', 'dns', '--abandon')
    const [, restore = ''] = /to restore it: (.+)$/m.exec(said.stdout) ?? []
    execFileSync('sh', ['-ec', restore], { cwd: repository.top, stdio: 'ignore' })
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('in the file\n')
    expect(readFileSync(join(folder, 'deep/new'), 'utf8')).toBe('untracked\n')
    const kept = repository.git('for-each-ref', '--format=%(refname)', 'refs/presence/abandoned')
    repository.git('stash', 'apply', '--quiet', '--index', kept)
    expect(readFileSync(join(repository.top, 'a'), 'utf8')).toBe('in the file\n')
    expect(repository.git('show', ':a')).toBe('staged')
    expect(readFileSync(join(repository.top, 'deep/new'), 'utf8')).toBe('untracked\n')
  })

  it('does not include ignored files, which are removed with the worktree', async () => {
    repository.commit('.gitignore', 'build/\n', folder)
    write(join(folder, 'build/x'), 'x')
    const said = await remove('--merge')
    expect(JSON.parse(said.stdout)).toMatchObject({ kept: null, branch_deleted: true })
    expect(existsSync(folder)).toBe(false)
  })

  it('in an untracked file is kept too, even if git’s settings hide untracked files', async () => {
    repository.git('config', 'status.showUntrackedFiles', 'no')
    write(join(folder, 'deep/new'), 'mine\n')
    await expectKept('unsaved_work')
    const kept = await expectAbandoned()
    expect(repository.git('show', `${kept}:deep/new`)).toBe('mine')
  })

  it('that is staged and in no file any more is kept too', async () => {
    write(join(folder, 'a'), 'staged\n')
    git(folder, 'add', 'a')
    write(join(folder, 'a'), 'in the file\n')
    const kept = await expectAbandoned()
    expect(repository.git('show', `${kept}:a`)).toBe('in the file')
    expect(repository.git('show', `${kept}^2:a`)).toBe('staged')
  })

  it('in a sparse checkout includes a file outside its patterns only if it exists in the folder', async () => {
    repository.commit('far/b', 'far\n', folder)
    await repository.presence('worktree', 'merge', 'dns')
    git(folder, 'sparse-checkout', 'set', '--no-cone', '/a', '/near/')
    expect(existsSync(join(folder, 'far/b'))).toBe(false)
    write(join(folder, 'near/c'), 'near\n')
    write(join(folder, 'far/b'), 'mine\n')
    // presence looks first: git's own status removes the mark from the file.
    const kept = await expectAbandoned()
    expect(repository.git('show', `${kept}:far/b`)).toBe('mine')
    expect(repository.git('show', `${kept}:near/c`)).toBe('near')
    expect(repository.git('show', `${kept}:a`)).toBe('one')
  })

  it('includes a deleted file', async () => {
    rmSync(join(folder, 'a'))
    await expectKept('unsaved_work')
  })

  it('does not include a stash, which belongs to the repository and stays', async () => {
    write(join(folder, 'a'), 'two\n')
    git(folder, 'stash', '--quiet')
    expect((await remove()).status).toBe(0)
    expect(repository.git('show', 'stash@{0}:a')).toBe('two')
  })
})

describe('unmerged work', () => {
  it('is not merged to a branch during its rebase: an abort of the rebase would reset the branch', async () => {
    repository.git('switch', '-q', '-c', 'aside')
    repository.commit('a', 'aside\n')
    repository.git('switch', '-q', 'main')
    repository.commit('a', 'main\n')
    git(folder, 'merge', '-q', '--ff-only', 'main')
    repository.commit('zone', 'dns\n', folder)
    expect(() => repository.git('rebase', 'aside')).toThrow()
    const before = repository.refs()
    const merged = await repository.presence('worktree', 'merge', 'dns', '--json')
    expect([merged.status, codeOf(merged)]).toEqual([1, 'operation_in_progress'])
    const said = await remove('--merge')
    expect([said.status, codeOf(said)]).toEqual([1, 'operation_in_progress'])
    expect(repository.refs()).toEqual(before)
    expect(existsSync(folder)).toBe(true)
  })

  it('is merged completely, whatever merge settings there are', async () => {
    repository.git('config', 'pull.twohead', 'ours')
    repository.commit('zone', 'dns\n', folder)
    repository.commit('b', 'main\n')
    expect((await remove('--merge')).status).toBe(0)
    expect(repository.git('show', 'main:zone')).toBe('dns')
  })

  it('is refused without a terminal, and the branch stays when it is abandoned', async () => {
    const tip = repository.commit('zone', 'dns\n', folder)
    await expectKept('unsaved_work')
    const said = await remove('--abandon')
    expect(JSON.parse(said.stdout)).toMatchObject({ branch_deleted: false, kept: null })
    expect(repository.git('rev-parse', 'agent/dns/active')).toBe(tip)
    expect((await repository.presence('worktree', 'add', 'dns')).status, 'and continues').toBe(0)
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(tip)
  })

  it('is counted separately if it is on no remote', async () => {
    repository.commit('zone', 'dns\n', folder)
    git(folder, 'push', '--quiet', 'origin', 'HEAD')
    expect((await remove()).stderr).toContain('1 commit not in main\n')
    repository.commit('zone', 'more\n', folder)
    expect((await remove()).stderr).toContain('2 commits not in main; 1 commit on no remote')
  })

  it('is merged first with --merge, and needs no merge if the remote has merged it', async () => {
    repository.commit('zone', 'dns\n', folder)
    git(folder, 'push', '--quiet', 'origin', 'HEAD:main')
    repository.git('fetch', '--quiet')
    const said = await remove()
    expect(JSON.parse(said.stdout)).toMatchObject({ branch_deleted: true })

    await repository.presence('worktree', 'add', 'dns', '--from', 'origin/main')
    repository.commit('zone', 'more\n', folder)
    const merged = await remove('--merge')
    expect(JSON.parse(merged.stdout)).toMatchObject({ branch_deleted: true, merged: { into: 'main' } })
    expect(existsSync(join(repository.top, 'zone'))).toBe(true)
  })

  it('of a detached head that no branch has is kept under a ref', async () => {
    git(folder, 'checkout', '--quiet', '--detach')
    const tip = repository.commit('zone', 'dns\n', folder)
    await expectKept('unsaved_work')
    await expectKept('unsaved_work', '--merge')
    const kept = await expectAbandoned()
    expect(repository.git('rev-parse', kept)).toBe(tip)
  })

  it('stays if its branch is checked out elsewhere, even if all of it is merged', async () => {
    const tip = repository.commit('zone', 'dns\n', folder)
    git(folder, 'checkout', '--quiet', '--detach')
    const elsewhere = join(repository.top, '../elsewhere')
    repository.git('worktree', 'add', '--quiet', elsewhere, 'agent/dns/active')
    const said = await remove('--merge')
    expect(JSON.parse(said.stdout)).toMatchObject({ branch_deleted: false, merged: { head: tip } })
    expect(git(elsewhere, 'branch', '--show-current')).toBe('agent/dns/active')
    expect(git(elsewhere, 'rev-parse', 'HEAD')).toBe(tip)
  })

  it('on another branch stays on that branch', async () => {
    git(folder, 'switch', '--quiet', '-c', 'aside')
    const tip = repository.commit('zone', 'dns\n', folder)
    await expectKept('unsaved_work')
    expect((await remove('--abandon')).status).toBe(0)
    expect(repository.git('rev-parse', 'aside')).toBe(tip)
  })
})

describe('a file in the main worktree', () => {
  it.each([
    ['.env', '.env'],
    ['build', 'build/x'],
    ['build/x', 'build'],
  ])('is not overwritten by a merge, even if it is ignored: %s by %s', async (mine, theirs) => {
    repository.commit('.gitignore', `/${mine.split('/')[0]}\n`)
    write(join(repository.top, mine), 'mine\n')
    write(join(folder, theirs), 'theirs\n')
    git(folder, 'add', '--force', theirs)
    git(folder, 'commit', '--quiet', '-m', 'theirs')
    for (const forward of [false, true]) {
      if (forward) git(folder, 'rebase', '--quiet', 'main')
      const said = await repository.presence('worktree', 'merge', 'dns', '--json')
      expect(codeOf(said)).toBe('merge_refused')
      expect(readFileSync(join(repository.top, mine), 'utf8')).toBe('mine\n')
    }
    rmSync(join(repository.top, mine.split('/')[0] ?? ''), { recursive: true })
    expect((await repository.presence('worktree', 'merge', 'dns')).status).toBe(0)
  })
})

describe('work that no option removes', () => {
  const always = [[], ['--abandon', '--yes'], ['--merge', '--yes']] as const

  it('is an operation of git that is in progress', async () => {
    repository.commit('a', 'of the role\n', folder)
    repository.commit('a', 'of main\n')
    expect(() => git(folder, 'rebase', '--quiet', 'main')).toThrow()
    for (const more of always) await expectKept('operation_in_progress', ...more)
    git(folder, 'rebase', '--abort')
    expect(() => git(folder, 'merge', '--quiet', 'main')).toThrow()
    for (const more of always) await expectKept('operation_in_progress', ...more)
  })

  it('is a conflict that is not resolved, even after the operation', async () => {
    write(join(folder, 'a'), 'stashed\n')
    git(folder, 'stash', '--quiet')
    repository.commit('a', 'of the role\n', folder)
    expect(() => git(folder, 'stash', 'pop')).toThrow()
    for (const more of always) await expectKept('operation_in_progress', ...more)
  })
})

describe.skipIf(!has('tmux'))('removing a worktree on a terminal', () => {
  it('asks about work: anything but a yes leaves it, and a yes keeps what can be kept', async () => {
    write(join(folder, 'new'), 'mine\n')
    const env = { ...NO_SETTINGS, XDG_STATE_HOME: `${repository.env['XDG_STATE_HOME']}`, PS1: '$ ' }
    using terminal = new Terminal('sh', { PATH: `${process.env['PATH']}`, ...env }, repository.top)
    terminal.type(`${PRESENCE} worktree remove dns`, 'Enter')
    await terminal.shows('are saved under a git ref.')
    terminal.type('', 'Enter')
    await terminal.shows('nothing was done')
    expect(existsSync(join(folder, 'new'))).toBe(true)
    terminal.type(`clear; ${PRESENCE} worktree remove dns`, 'Enter')
    await terminal.shows('are saved under a git ref.')
    terminal.type('y', 'Enter')
    await until('the folder to go', () => !existsSync(folder))
    await terminal.shows('kept work that only the folder had')
  })

  it('asks about live claims too', async () => {
    {
      await using board = await openBoard({ env: repository.env, cwd: folder, session: 'agent-1' })
      await board.claim('db:orders', { purpose: 'migrate' })
    }
    const env = { ...NO_SETTINGS, XDG_STATE_HOME: `${repository.env['XDG_STATE_HOME']}` }
    using terminal = new Terminal('sh', { PATH: `${process.env['PATH']}`, ...env }, repository.top)
    terminal.type(`${PRESENCE} worktree remove dns`, 'Enter')
    await terminal.shows('Remove anyway?')
    terminal.type('y', 'Enter')
    await until('the folder to go', () => !existsSync(folder))
  })
})
