import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { clonedRepository, git, newRepository, type Repository, write } from './support/repository.ts'

const json = (text: string) => JSON.parse(text)

async function added(repository: Repository, role = 'dns'): Promise<string> {
  const said = await repository.presence('worktree', 'add', role)
  expect(said).toMatchObject({ status: 0, stderr: '' })
  return repository.folder(role)
}

/** A session of the board that works in a folder. */
function sessionIn(repository: Repository, cwd: string, session: string) {
  return openBoard({ env: repository.env, cwd, session })
}

/** Runs a statement on the repository's board. */
function onBoard(repository: Repository, statement: string): void {
  const database = new DatabaseSync(join(`${repository.env['XDG_STATE_HOME']}`, 'presence/board.db'), {
    timeout: 10_000,
  })
  database.exec(statement)
  database.close()
}

describe('a role’s worktree, on a repository with a remote', () => {
  it('is added, worked in, pushed, merged and removed, and nothing of it stays', async () => {
    const repository = clonedRepository()
    expect((await repository.presence('worktree', 'list', '--json')).stdout).toBe('[]\n')
    const folder = await added(repository)
    expect(git(folder, 'branch', '--show-current')).toBe('agent/dns/active')
    expect(repository.git('status', '--porcelain'), 'the worktrees are ignored').toBe('')

    repository.commit('zone', 'dns\n', folder)
    git(folder, 'push', '--quiet', 'origin', 'HEAD')
    expect(git(folder, 'log', '-1', '--format=%an <%ae>')).toBe('dns <dns@presence.invalid>')
    expect(repository.git('config', 'user.email'), 'the main worktree has its own').toBe('ana@example.com')
    repository.commit('b', 'meanwhile\n')

    const [listed] = json((await repository.presence('worktree', 'list', '--json')).stdout)
    expect(listed).toMatchObject({
      role: 'dns',
      path: folder,
      branch: 'agent/dns/active',
      base: 'main',
      ...{ ahead: 1, behind: 1, dirty: false, status: 'inactive', state: 'there', locked: null },
    })
    const merged = await repository.presence('worktree', 'merge', 'dns', '--json')
    expect(merged).toMatchObject({ status: 0, stderr: '' })
    expect(json(merged.stdout)).toMatchObject({ role: 'dns', into: 'main', how: 'merge-commit' })
    expect(repository.git('log', '--format=%p', '-1').split(' ')).toHaveLength(2)
    expect(readFileSync(join(repository.top, 'zone'), 'utf8')).toBe('dns\n')

    const removed = await repository.presence('worktree', 'remove', 'dns')
    expect(removed).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(join(repository.top, '.worktrees'))).toBe(false)
    expect(repository.refs()).toEqual([`refs/heads/main ${repository.git('rev-parse', 'HEAD')}`])
    expect(repository.git('config', '--get-regexp', '^branch'), 'no settings of the branch').not.toContain(
      'agent',
    )
  })

  it('is merged by fast-forward if possible, even if the branch is not checked out', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    const tip = repository.commit('zone', 'dns\n', folder)
    repository.git('checkout', '--quiet', '--detach')
    const said = await repository.presence('worktree', 'merge', 'dns', '--json')
    expect(json(said.stdout)).toEqual({ role: 'dns', into: 'main', how: 'fast-forward', head: tip })
    expect(repository.git('rev-parse', 'main')).toBe(tip)
    expect(existsSync(join(repository.top, 'zone')), 'what is checked out stays').toBe(false)
    const again = await repository.presence('worktree', 'merge', 'dns')
    expect(again.stdout).toBe('presence: all of dns is already in main\n')

    repository.commit('zone', 'more\n', folder)
    repository.git('switch', '--quiet', 'main')
    repository.commit('b', 'meanwhile\n')
    repository.git('checkout', '--quiet', '--detach')
    const nowhere = await repository.presence('worktree', 'merge', 'dns')
    expect(nowhere).toMatchObject({ status: 1, stdout: '' })
    expect(nowhere.stderr).toContain('is not checked out')
  })

  it('reports the files of a conflict, and leaves everything as it was', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    // This setting would make git resolve the conflict by itself.
    repository.git('config', 'branch.main.mergeOptions', '-X theirs')
    repository.commit('a', 'of the role\n', folder)
    repository.commit('a', 'of main\n')
    write(join(repository.top, 'untracked'), 'mine\n')
    const before = [repository.refs(), repository.git('status', '--porcelain=v2', '--branch')]
    const said = await repository.presence('worktree', 'merge', 'dns', '--json')
    expect(said.status).toBe(1)
    expect(json(said.stdout).error).toMatchObject({ code: 'conflict', files: ['a'] })
    expect([repository.refs(), repository.git('status', '--porcelain=v2', '--branch')]).toEqual(before)
    expect(readFileSync(join(repository.top, 'a'), 'utf8')).toBe('of main\n')
    const removed = await repository.presence('worktree', 'remove', 'dns', '--merge')
    expect(removed.status, 'and removes nothing').toBe(1)
    expect(existsSync(folder)).toBe(true)
  })

  it('is not merged over uncommitted changes', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    repository.commit('a', 'of the role\n', folder)
    write(join(repository.top, 'a'), 'not committed\n')
    const forward = await repository.presence('worktree', 'merge', 'dns', '--json')
    expect(json(forward.stdout).error).toMatchObject({ code: 'merge_refused', files: ['a'] })
    repository.git('stash', '--quiet')
    repository.commit('b', 'meanwhile\n')
    repository.git('stash', 'pop', '--quiet')
    const commit = await repository.presence('worktree', 'merge', 'dns', '--json')
    expect(json(commit.stdout).error).toMatchObject({ code: 'uncommitted_changes', files: ['a'] })
    expect(readFileSync(join(repository.top, 'a'), 'utf8')).toBe('not committed\n')
  })

  it('starts where --from says, and is merged there', async () => {
    const repository = clonedRepository()
    repository.git('branch', 'release')
    repository.commit('b', 'on main\n')
    const said = await repository.presence('worktree', 'add', 'dns', '--from', 'release')
    expect(said.status).toBe(0)
    expect(existsSync(repository.folder('dns', 'b'))).toBe(false)
    const tip = repository.commit('zone', 'dns\n', repository.folder('dns'))
    const merged = await repository.presence('worktree', 'merge', 'dns', '--json')
    expect(json(merged.stdout)).toMatchObject({ into: 'release', how: 'fast-forward' })
    expect(repository.git('rev-parse', 'release')).toBe(tip)
  })

  it('is the same from any folder of the repository', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    const nested = await repository.presenceIn(folder, {}, 'worktree', 'add', 'web')
    expect(nested.stdout).toContain(`made ${repository.folder('web')}`)
    // As in a hook of git.
    const elsewhere = newRepository()
    const env = { GIT_DIR: join(elsewhere.top, '.git'), GIT_WORK_TREE: elsewhere.top }
    const listed = await repository.presenceIn(folder, env, 'worktree', 'list', '--json')
    expect(json(listed.stdout).map(({ role }: { role: string }) => role)).toEqual(['dns', 'web'])
  })
})

describe('adding a worktree', () => {
  it('fixes what is missing in an existing worktree, and reports that it existed', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    git(folder, 'config', '--worktree', '--unset', 'user.email')
    write(join(repository.top, '.git/info/exclude'), '# mine')
    const said = await repository.presence('worktree', 'add', 'dns', '--json')
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(json(said.stdout)).toEqual({
      role: 'dns',
      path: folder,
      branch: 'agent/dns/active',
      created: false,
    })
    expect(git(folder, 'config', 'user.email')).toBe('dns@presence.invalid')
    expect(readFileSync(join(repository.top, '.git/info/exclude'), 'utf8')).toBe('# mine\n/.worktrees/\n')
    git(folder, 'config', '--worktree', 'user.email', 'dns@acme.example')
    await repository.presence('worktree', 'add', 'dns')
    expect(git(folder, 'config', 'user.email'), 'an address of the role stays').toBe('dns@acme.example')
  })

  it('writes nothing into a project that ignores the worktrees itself', async () => {
    const repository = newRepository()
    repository.commit('.gitignore', '.worktrees/\n')
    const before = readFileSync(join(repository.top, '.git/info/exclude'), 'utf8')
    await added(repository)
    expect(readFileSync(join(repository.top, '.git/info/exclude'), 'utf8')).toBe(before)
  })

  it('creates one worktree and no error for six sessions at once', async () => {
    const repository = newRepository()
    const said = await Promise.all(
      Array.from({ length: 6 }, () => repository.presence('worktree', 'add', 'dns', '--json')),
    )
    expect(said.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0])
    expect(said.filter(({ stdout }) => json(stdout).created)).toHaveLength(1)
    expect(repository.git('worktree', 'list').split('\n')).toHaveLength(2)
    expect(git(repository.folder('dns'), 'status', '--porcelain')).toBe('')
  })

  it('accepts only roles that the project defines', async () => {
    const repository = newRepository()
    write(join(repository.top, '.presence/config.json'), '{"roles": {"backend": {}, "pm": {"main": true}}}')
    const said = await repository.presence('worktree', 'add', 'backent', '--json')
    expect(said.status).toBe(2)
    expect(json(said.stdout).error).toMatchObject({ code: 'unknown_role' })
    expect(said.stderr).toContain('did you mean backend?')
    await added(repository, 'backend')
  })
})

describe('a session in a worktree', () => {
  it('is shown as active, stale or inactive, and as unknown if the board does not answer', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    const status = async (env = {}) => {
      const said = await repository.presenceIn(repository.top, env, 'worktree', 'list', '--json')
      return { ...json(said.stdout)[0], exit: said.status, stderr: said.stderr }
    }
    expect(await status()).toMatchObject({ status: 'inactive', sessions: [] })
    {
      await using board = await sessionIn(repository, folder, 'agent-1')
      await board.register()
      await board.claim('db:orders', { purpose: 'p' })
    }
    expect(await status()).toMatchObject({
      status: 'active',
      sessions: [{ session_id: 'agent-1', stale: false, holds: ['db:orders'] }],
    })
    onBoard(
      repository,
      'UPDATE presence_claims SET claimed_at = claimed_at - 301000, expires_at = expires_at - 301000',
    )
    onBoard(repository, 'UPDATE presence_sessions SET last_heartbeat = last_heartbeat - 301000')
    expect(await status()).toMatchObject({ status: 'stale', sessions: [{ stale: true }] })
    const nowhere = { PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence' }
    const unknown = await status(nowhere)
    expect(unknown).toMatchObject({ exit: 0, status: 'unknown', branch: 'agent/dns/active' })
    expect(unknown.stderr).toContain('who is in these worktrees has been unknown since')
    const strict = await repository.presenceIn(folder, nowhere, 'worktree', 'list', '--strict')
    expect(strict.status).toBe(3)
  })

  it('needs confirmation before it is merged or removed with live claims, and is then deregistered', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    repository.commit('zone', 'dns\n', folder)
    {
      await using board = await sessionIn(repository, folder, 'agent-1')
      await board.register()
      await board.claim('db:orders', { purpose: 'migrate' })
    }
    for (const verb of ['merge', 'remove']) {
      const said = await repository.presence(
        'worktree',
        verb,
        'dns',
        ...(verb === 'remove' ? ['--merge'] : []),
      )
      expect(said).toMatchObject({ status: 1, stdout: '' })
      expect(said.stderr).toContain('db:orders by agent-1 (migrate)')
    }
    expect((await repository.presence('worktree', 'merge', 'dns', '--yes')).status).toBe(0)
    const said = await repository.presence('worktree', 'remove', 'dns', '--yes', '--json')
    expect(json(said.stdout)).toMatchObject({ branch_deleted: true, deregistered: ['agent-1'] })
    await using board = await sessionIn(repository, repository.top, 'tester')
    expect((await board.who()).sessions).toEqual([])
  })

  it('blocks nothing if the board does not answer', async () => {
    const repository = newRepository()
    const folder = await added(repository)
    const env = { PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence' }
    const said = await repository.presenceIn(repository.top, env, 'worktree', 'remove', 'dns')
    expect(said.status).toBe(0)
    expect(said.stderr).toContain('has been unknown since')
    expect(existsSync(folder)).toBe(false)
  })

  it.each(['host', 'user'])('is not a session of another %s in a folder with the same name', async whose => {
    const repository = newRepository()
    const folder = await added(repository)
    {
      await using board = await sessionIn(repository, folder, 'agent-1')
      await board.register()
      await board.claim('db:orders', { purpose: 'migrate' })
    }
    onBoard(repository, `UPDATE presence_sessions SET ${whose} = 'elsewhere'`)
    onBoard(repository, `UPDATE presence_claims SET ${whose} = 'elsewhere'`)
    const [listed] = json((await repository.presence('worktree', 'list', '--json')).stdout)
    expect(listed).toMatchObject({ status: 'inactive' })
    const removed = await repository.presence('worktree', 'remove', 'dns', '--json')
    expect(json(removed.stdout)).toMatchObject({ deregistered: [] })
    await using board = await sessionIn(repository, repository.top, 'tester')
    expect(await board.list()).toMatchObject({ claims: [{ label: 'db:orders' }] })
  })
})
