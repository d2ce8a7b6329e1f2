import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { git, newRepository, type Repository, write } from './support/repository.ts'

let repository: Repository
let folder: string
beforeEach(async () => {
  repository = newRepository()
  folder = repository.folder('dns')
  expect((await repository.presence('worktree', 'add', 'dns')).status).toBe(0)
})

const run = (...args: readonly string[]) => repository.presence('worktree', ...args, '--json')
const codeOf = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout).error?.code

/**
 * Neither removed nor created again, and kept when abandoned.
 * @returns the ref
 */
async function expectKept(isGone = false): Promise<string> {
  expect(codeOf(await run('remove', 'dns'))).toBe('unsaved_work')
  expect(codeOf(await run('remove', 'dns', '--merge'))).toBe('unsaved_work')
  if (isGone) expect(codeOf(await run('add', 'dns'))).toBe('unsaved_work')
  const said = await run('remove', 'dns', '--abandon')
  expect(said.status, said.stderr).toBe(0)
  const { kept } = JSON.parse(said.stdout)
  expect(kept).toMatch(/^refs\/presence\/abandoned\/dns-/)
  expect((await run('add', 'dns')).status, 'there is room for another').toBe(0)
  return kept
}

describe('what exists only in the repository’s part of a worktree', () => {
  it('is kept if it was staged and the folder was deleted', async () => {
    write(join(folder, 'new'), 'staged\n')
    git(folder, 'add', 'new')
    rmSync(folder, { recursive: true })
    const kept = await expectKept(true)
    expect(repository.git('show', `${kept}:new`)).toBe('staged')
    expect(repository.git('show', `${kept}:a`)).toBe('one')
  })

  it('is kept if the folder was moved away, and the hint says how to repair that', async () => {
    write(join(folder, 'a'), 'staged\n')
    git(folder, 'add', 'a')
    renameSync(folder, join(repository.top, '../moved'))
    const said = await run('add', 'dns')
    expect(JSON.parse(said.stdout).error).toMatchObject({ code: 'unsaved_work', files: ['a'] })
    expect(said.stderr).toContain('git worktree repair')
    expect(git(join(repository.top, '../moved'), 'show', ':a')).toBe('staged')
  })

  it('is kept if it was staged of a file that no longer exists', async () => {
    write(join(folder, 'new'), 'staged\n')
    git(folder, 'add', 'new')
    rmSync(join(folder, 'new'))
    const kept = await expectKept()
    expect(repository.git('ls-tree', '--name-only', kept)).toBe('a')
    expect(repository.git('show', `${kept}^2:new`)).toBe('staged')
  })

  it('is kept if it is both sides of a conflict whose file was deleted, or was staged beside it', async () => {
    write(join(folder, 'a'), 'stashed\n')
    git(folder, 'stash', '--quiet')
    repository.commit('a', 'of the role\n', folder)
    expect((await run('merge', 'dns')).status).toBe(0)
    expect(() => git(folder, 'stash', 'pop')).toThrow()
    git(folder, 'stash', 'drop', '--quiet')
    write(join(folder, 'new'), 'staged\n')
    git(folder, 'add', 'new')
    rmSync(join(folder, 'a'))
    rmSync(join(folder, 'new'))
    const kept = await expectKept()
    expect(repository.git('show', `${kept}^3:a`)).toBe('stashed')
    expect(repository.git('show', `${kept}^2:a`)).toBe('of the role')
    expect(repository.git('show', `${kept}^2:new`)).toBe('staged')
  })

  it.each([
    ['refs/worktree/mine', false],
    ['refs/worktree/mine', true],
    ['refs/bisect/bad', false],
    ['refs/rewritten/onto', true],
  ])('is kept if it is commits that only its %s has (its folder gone: %s)', async (ref, isGone) => {
    const tip = git(folder, 'commit-tree', '-p', 'HEAD', '-m', 'mine', 'HEAD^{tree}')
    git(folder, 'update-ref', ref, tip)
    if (isGone) rmSync(folder, { recursive: true })
    const kept = await expectKept(isGone)
    expect(repository.git('merge-base', '--is-ancestor', tip, kept)).toBe('')
    expect(repository.git('log', '-1', '--format=%B', kept)).toContain(`${ref} was at ${tip}`)
  })

  it('is kept if it is commits of its own ref that is checked out', async () => {
    const tip = git(folder, 'commit-tree', '-p', 'HEAD', '-m', 'mine', 'HEAD^{tree}')
    git(folder, 'update-ref', 'refs/worktree/mine', tip)
    git(folder, 'symbolic-ref', 'HEAD', 'refs/worktree/mine')
    const kept = await expectKept()
    expect(repository.git('merge-base', '--is-ancestor', tip, kept)).toBe('')
  })

  it('is named and never removed if it is a ref to something that can’t be a commit’s parent', async () => {
    const blob = git(folder, 'rev-parse', 'HEAD:a')
    git(folder, 'update-ref', 'refs/worktree/mine', blob)
    for (const more of [[], ['--abandon']]) {
      const said = await run('remove', 'dns', ...more)
      expect(codeOf(said)).toBe('unsaved_work')
      expect(said.stderr).toContain('refs/worktree/mine')
    }
    git(folder, 'update-ref', 'refs/keep/mine', blob)
    expect((await run('remove', 'dns')).status).toBe(0)
  })

  it('is kept if it is commits of a detached head and the folder was deleted', async () => {
    git(folder, 'checkout', '--quiet', '--detach')
    const tip = repository.commit('zone', 'dns\n', folder)
    rmSync(folder, { recursive: true })
    const kept = await expectKept(true)
    expect(repository.git('rev-parse', kept)).toBe(tip)
  })

  it('does not include what a branch has, or an index without staged changes', async () => {
    git(folder, 'update-ref', 'refs/worktree/mine', 'HEAD')
    rmSync(folder, { recursive: true })
    const said = await run('remove', 'dns')
    expect(JSON.parse(said.stdout)).toMatchObject({ kept: null, branch_deleted: true })
    expect(existsSync(join(repository.top, '.git/worktrees'))).toBe(false)
  })
})
