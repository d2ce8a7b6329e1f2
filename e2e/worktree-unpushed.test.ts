import { existsSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { PRESENCE } from './support/cli.ts'
import { clonedRepository, git, NO_SETTINGS, newRepository, type Repository } from './support/repository.ts'
import { has, Terminal } from './support/terminal.ts'
import { until } from './support/until.ts'

let repository: Repository
let folder: string
beforeEach(async () => {
  repository = clonedRepository()
  folder = repository.folder('dns')
})

const run = (...args: readonly string[]) => repository.presence('worktree', ...args, '--json')

/** Work that is in main here, and nowhere else. */
async function mergedHere(): Promise<string> {
  await run('add', 'dns')
  const tip = repository.commit('zone', 'dns\n', folder)
  expect((await run('merge', 'dns')).status).toBe(0)
  return tip
}

describe('work that is merged here and on no remote', () => {
  it('is refused without a terminal, and the hint says what to do', async () => {
    const tip = await mergedHere()
    const said = await run('remove', 'dns')
    expect(said.status).toBe(1)
    expect(JSON.parse(said.stdout).error).toMatchObject({ code: 'unsaved_work' })
    expect(said.stderr).toContain('1 commit on no remote')
    expect(said.stderr).toContain(
      'push first; or add --merge, which removes it without a push: the commits are then only in main of this repository',
    )
    expect(existsSync(folder)).toBe(true)
    expect((await run('remove', 'dns', '--yes')).status, 'that is for claims').toBe(1)

    const merged = await run('remove', 'dns', '--merge')
    expect(JSON.parse(merged.stdout)).toMatchObject({ branch_deleted: true, merged: { how: 'already' } })
    expect(repository.git('rev-parse', 'main')).toBe(tip)
  })

  it('needs no confirmation once any branch of a remote has it', async () => {
    await mergedHere()
    git(folder, 'push', '--quiet', 'origin', 'HEAD:refs/heads/elsewhere')
    expect((await run('remove', 'dns')).status).toBe(0)
  })

  it('needs no confirmation if there is no remote', async () => {
    repository = newRepository()
    folder = repository.folder('dns')
    await mergedHere()
    expect((await run('remove', 'dns')).status).toBe(0)
  })

  it('needs confirmation with a remote that nothing was ever pushed to', async () => {
    repository = newRepository()
    folder = repository.folder('dns')
    repository.git('remote', 'add', 'origin', 'https://git.invalid/x.git')
    await mergedHere()
    expect((await run('remove', 'dns')).stderr).toContain('1 commit on no remote')
  })

  it('does not include what the branch started with: a role that did nothing needs no confirmation', async () => {
    repository.commit('b', 'of main, not pushed\n')
    await run('add', 'dns')
    expect(JSON.parse((await run('remove', 'dns')).stdout)).toMatchObject({ branch_deleted: true })
  })

  it('needs confirmation even if only the branch is left', async () => {
    await mergedHere()
    repository.git('worktree', 'remove', folder)
    expect((await run('remove', 'dns')).stderr).toContain('1 commit on no remote')
    expect((await run('remove', 'dns', '--abandon')).status).toBe(0)
  })

  it('does not include another branch’s commits, which --merge does not merge', async () => {
    await run('add', 'dns')
    git(folder, 'switch', '--quiet', '-c', 'aside')
    repository.commit('zone', 'dns\n', folder)
    const said = await run('remove', 'dns', '--merge')
    expect(said.status).toBe(1)
    expect(said.stderr).toContain('1 commit not in main, and not merged by --merge either')
    expect(said.stderr).toContain('merge the branch aside that is checked out there yourself')
  })
})

describe.skipIf(!has('tmux'))('work that is merged here and on no remote, on a terminal', () => {
  it('needs confirmation, and stays in main', async () => {
    const tip = await mergedHere()
    const env = { ...NO_SETTINGS, XDG_STATE_HOME: `${repository.env['XDG_STATE_HOME']}`, PS1: '$ ' }
    using terminal = new Terminal('sh', { PATH: `${process.env['PATH']}`, ...env }, repository.top)
    terminal.type(`${PRESENCE} worktree remove dns`, 'Enter')
    await terminal.shows('1 commit on no remote')
    terminal.type('y', 'Enter')
    await until('the folder to go', () => !existsSync(folder))
    await terminal.shows('deleted agent/dns/active')
    expect(repository.git('rev-parse', 'main')).toBe(tip)
  })
})
