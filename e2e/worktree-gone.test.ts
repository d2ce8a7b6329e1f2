import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs'
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
async function expectKept(): Promise<string> {
  for (const args of [
    ['remove', 'dns'],
    ['remove', 'dns', '--merge'],
    ['add', 'dns'],
  ])
    expect(codeOf(await run(...args))).toBe('unsaved_work')
  const said = await run('remove', 'dns', '--abandon')
  expect(said.status, said.stderr).toBe(0)
  expect((await run('add', 'dns')).status, 'there is room for another').toBe(0)
  return JSON.parse(said.stdout).kept
}

describe('work of a worktree whose folder is gone', () => {
  it('is kept if it was staged', async () => {
    write(join(folder, 'new'), 'staged\n')
    git(folder, 'add', 'new')
    rmSync(folder, { recursive: true })
    const kept = await expectKept()
    expect(repository.git('show', `${kept}:new`)).toBe('staged')
    expect(repository.git('show', `${kept}:a`)).toBe('one')
  })

  it('is kept if it is commits of a detached head', async () => {
    git(folder, 'checkout', '--quiet', '--detach')
    const tip = repository.commit('zone', 'dns\n', folder)
    rmSync(folder, { recursive: true })
    const kept = await expectKept()
    expect(repository.git('rev-parse', kept)).toBe(tip)
  })

  it('is not given up if the folder was only moved, and the hint says how to repair that', async () => {
    write(join(folder, 'a'), 'staged\n')
    git(folder, 'add', 'a')
    renameSync(folder, join(repository.top, '../moved'))
    const said = await run('add', 'dns')
    expect(JSON.parse(said.stdout).error).toMatchObject({ code: 'unsaved_work', files: ['a'] })
    expect(said.stderr).toContain('git worktree repair')
    expect(git(join(repository.top, '../moved'), 'show', ':a')).toBe('staged')
  })

  it('can’t be kept during an operation of git, so no option removes the worktree', async () => {
    repository.commit('a', 'of main\n')
    repository.commit('a', 'of the role\n', folder)
    expect(() => git(folder, 'merge', '--quiet', 'main')).toThrow()
    rmSync(folder, { recursive: true })
    for (const args of [
      ['remove', 'dns', '--abandon'],
      ['add', 'dns'],
    ]) {
      const said = await run(...args)
      expect(codeOf(said)).toBe('operation_in_progress')
      expect(said.stderr).toContain('git worktree prune')
    }
  })

  it('does not include what a branch has', async () => {
    rmSync(folder, { recursive: true })
    const said = await run('remove', 'dns')
    expect(JSON.parse(said.stdout)).toMatchObject({ kept: null, branch_deleted: true })
    expect(existsSync(join(repository.top, '.git/worktrees'))).toBe(false)
  })
})

it('a worktree with refs of its own is not removed, because they would be deleted with it', async () => {
  const tip = git(folder, 'commit-tree', '-p', 'HEAD', '-m', 'mine', 'HEAD^{tree}')
  git(folder, 'update-ref', 'refs/worktree/mine', tip)
  for (const more of [[], ['--merge'], ['--abandon']]) {
    const said = await run('remove', 'dns', ...more)
    expect(codeOf(said)).toBe('unsaved_work')
    expect(said.stderr).toContain('refs/worktree/mine')
  }
  git(folder, 'update-ref', '-d', 'refs/worktree/mine')
  expect((await run('remove', 'dns')).status).toBe(0)
})

it('a folder that was moved by hand, with a link in its place, is not removed', async () => {
  const moved = join(repository.top, '../moved')
  renameSync(folder, moved)
  symlinkSync(moved, folder)
  expect(codeOf(await run('remove', 'dns', '--abandon'))).toBe('broken_worktree')
  expect(git(moved, 'status', '--porcelain')).toBe('')
})
