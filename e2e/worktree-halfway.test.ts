import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE } from './support/cli.ts'
import { git, newRepository, type Repository, write } from './support/repository.ts'
import { scratchFolder } from './support/scratch.ts'
import { until } from './support/until.ts'

let repository: Repository
let folder: string
beforeEach(async () => {
  repository = newRepository()
  repository.commit('.gitignore', 'ignored/\n')
  folder = repository.folder('dns')
  expect((await run('add', 'dns')).status).toBe(0)
})

const run = (...args: readonly string[]) => repository.presence('worktree', ...args, '--json')
const errorOf = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout).error
const abandoned = () => repository.refs().filter(ref => ref.startsWith('refs/presence/abandoned/'))

async function register(session: string): Promise<void> {
  await using board = await openBoard({ env: repository.env, cwd: folder, session })
  await board.register()
}

async function registered(): Promise<readonly string[]> {
  await using board = await openBoard({ env: repository.env, cwd: repository.top, session: 'tester' })
  return (await board.who()).sessions.map(({ session }) => session.id)
}

/** Whether this file system supports files that even root can't delete. */
const hasImmutable = (() => {
  const file = join(process.env['TMPDIR'] ?? '/tmp', `presence-immutable-${process.pid}`)
  writeFileSync(file, '')
  const can = spawnSync('chattr', ['+i', file], { stdio: 'ignore' }).status === 0
  if (can) execFileSync('chattr', ['-i', file])
  rmSync(file)
  return can
})()

/** Makes a path undeletable until the test ends or the returned function is called. */
function hold(path: string): () => void {
  execFileSync('chattr', ['+i', path])
  const release = () => {
    if (existsSync(path)) execFileSync('chattr', ['-i', path])
  }
  onTestFinished(release)
  return release
}

describe.skipIf(!hasImmutable)('a removal that fails halfway', () => {
  it('while it deletes the files names what was merged, kept and left, and is never reported as done', async () => {
    const tip = repository.commit('zone', 'dns\n', folder)
    write(join(folder, 'ignored/x'), 'x')
    hold(join(folder, 'ignored/x'))
    await register('agent-1')
    const said = await run('remove', 'dns', '--merge')
    expect(said.status).toBe(3)
    expect(errorOf(said)).toMatchObject({
      ...{ code: 'not_writable', branch_deleted: true, kept: null, deregistered: ['agent-1'] },
      merged: { into: 'main', how: 'fast-forward', head: tip },
    })
    for (const part of ['Operation not permitted', `git no longer knows ${folder}`, 'merged dns into main'])
      expect(said.stderr).toContain(part)
    expect(await registered()).toEqual([])
    expect(readFileSync(join(folder, 'ignored/x'), 'utf8')).toBe('x')

    for (const args of [
      ['remove', 'dns', '--abandon'],
      ['add', 'dns'],
    ]) {
      const again = await run(...args)
      expect([again.status, errorOf(again).message]).toEqual([1, expect.stringContaining(`${folder} exists`)])
    }
  })

  it('names the ref under which it kept uncommitted work', async () => {
    write(join(folder, 'new'), 'mine\n')
    write(join(folder, 'ignored/x'), 'x')
    hold(join(folder, 'ignored/x'))
    const said = await run('remove', 'dns', '--abandon')
    expect(said.status).toBe(3)
    const { kept, restore } = errorOf(said)
    expect(said.stderr).toContain(`to restore it: ${restore}`)
    expect(repository.git('show', `${kept}:new`)).toBe('mine')
  })

  it('while it deletes git’s data of the worktree says so, and can be continued', async () => {
    const tip = repository.commit('zone', 'dns\n', folder)
    const release = hold(join(repository.top, '.git/worktrees/dns'))
    const said = await run('remove', 'dns', '--merge')
    expect(said.status).toBe(3)
    for (const part of [`${folder} is not removed completely`, 'was merged into main before that'])
      expect(said.stderr).toContain(part)
    expect(repository.git('rev-parse', 'main')).toBe(tip)
    release()
    const again = await run('remove', 'dns')
    expect(JSON.parse(again.stdout)).toMatchObject({ branch_deleted: true })
    expect(existsSync(join(repository.top, '.git/worktrees'))).toBe(false)
  })
})

it('a folder that an interrupted removal left half deleted can be removed after it is repaired', async () => {
  rmSync(join(folder, '.git'))
  rmSync(join(folder, 'a'))
  const said = await run('remove', 'dns', '--abandon')
  expect(errorOf(said)).toMatchObject({ code: 'broken_worktree' })
  const [, repair = ''] = /repair it: ([^;]+);/.exec(errorOf(said).remedy) ?? []
  execFileSync('sh', ['-ec', repair], { cwd: repository.top, stdio: 'ignore' })
  expect(errorOf(await run('remove', 'dns'))).toMatchObject({ code: 'unsaved_work', files: ['a'] })
  expect((await run('remove', 'dns', '--abandon')).status).toBe(0)
  expect(existsSync(join(repository.top, '.worktrees'))).toBe(false)
})

it('a folder that an older version moved aside and left is named, with what to do with it', async () => {
  const aside = repository.folder('.dns-removed-1700000000000')
  renameSync(folder, aside)
  const hints = async () => (await run('list')).stderr
  const [, restore = ''] = /to restore the worktree: (.+)$/m.exec(await hints()) ?? []
  execFileSync('sh', ['-ec', restore], { cwd: repository.top, stdio: 'ignore' })
  expect(git(folder, 'status', '--porcelain')).toBe('')
  expect(await hints()).toBe('')

  renameSync(folder, aside)
  expect((await run('remove', 'dns')).status).toBe(0)
  expect(await hints()).toContain(`left ${aside}; it is no longer a worktree`)
  expect(readFileSync(join(aside, 'a'), 'utf8')).toBe('one\n')
})

/**
 * Makes git wait when it reads the file `waiting`.
 *
 * @param nth at which of the readings that follow
 * @returns a check that git is waiting, and a function that lets it continue
 */
function waitingFilter(nth: number): { readonly waits: () => boolean; readonly goOn: () => void } {
  const at = scratchFolder()
  const wait = `touch "${at}/waits"; while [ ! -e "${at}/go" ]; do sleep 0.05; done`
  const script = `#!/bin/sh\necho read >> "${at}/runs"\n[ "$(wc -l < "${at}/runs")" -ne ${nth} ] || { ${wait}; }\nexec cat\n`
  write(join(at, 'filter'), script)
  chmodSync(join(at, 'filter'), 0o755)
  repository.git('config', 'filter.waiting.clean', join(at, 'filter'))
  write(join(repository.top, '.git/info/attributes'), 'waiting filter=waiting\n')
  return { waits: () => existsSync(join(at, 'waits')), goOn: () => write(join(at, 'go'), '') }
}

/** Commits a file that git reads again at each look, although it is unchanged. */
function touched(): void {
  repository.commit('waiting', 'merged\n')
  git(folder, 'merge', '--quiet', '--ff-only', 'main')
  execFileSync('touch', ['-d', 'tomorrow', join(folder, 'waiting')])
}

function removing(...more: readonly string[]): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(PRESENCE, ['worktree', 'remove', 'dns', ...more], {
    cwd: repository.top,
    env: { PATH: process.env['PATH'], ...repository.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', text => {
    said += text
  })
  return { child, said: () => said }
}

describe('during the removal of a worktree', () => {
  it('a file that appears while uncommitted work is saved is noticed, and nothing is removed', async () => {
    write(join(folder, 'waiting'), 'mine\n')
    const filter = waitingFilter(1)
    const { child, said } = removing('--abandon')
    await until('the removal to save', filter.waits)
    write(join(folder, 'late'), 'late\n')
    filter.goOn()
    await once(child, 'close')
    expect(child.exitCode).toBe(1)
    expect(said()).toContain('was changed in the meantime; nothing was removed')
    expect(abandoned()).toEqual([])
    for (const [file, text] of [
      ['late', 'late\n'],
      ['waiting', 'mine\n'],
    ])
      expect(readFileSync(join(folder, `${file}`), 'utf8')).toBe(text)
  })

  it.each([
    ['second', 2],
    ['last', 3],
  ])('a file that appears in a clean worktree before the %s look is noticed', async (_, nth) => {
    touched()
    const filter = waitingFilter(nth)
    const { child, said } = removing()
    await until('the removal to look', filter.waits)
    write(join(folder, 'late'), 'late\n')
    filter.goOn()
    await once(child, 'close')
    expect(child.exitCode).toBe(1)
    expect(said()).toContain('was changed in the meantime')
    expect(readFileSync(join(folder, 'late'), 'utf8')).toBe('late\n')
    expect(git(folder, 'branch', '--show-current')).toBe('agent/dns/active')
  })

  it.each([
    ['is noticed before the last look', 2, 1],
    ['stays on its branch after it', 3, 0],
  ])('a new commit %s', async (_, nth, status) => {
    touched()
    const filter = waitingFilter(nth)
    const { child, said } = removing()
    await until('the removal to look', filter.waits)
    const late = git(folder, 'commit-tree', '-p', 'HEAD', '-m', 'late', 'HEAD^{tree}')
    git(folder, 'update-ref', 'refs/heads/agent/dns/active', late)
    filter.goOn()
    await once(child, 'close')
    expect(child.exitCode, said()).toBe(status)
    expect(existsSync(folder)).toBe(status === 1)
    expect(repository.git('rev-parse', 'agent/dns/active')).toBe(late)
  })

  it('a kill before anything is deleted leaves a worktree that can be removed as before', async () => {
    write(join(folder, 'waiting'), 'mine\n')
    const filter = waitingFilter(1)
    const { child } = removing('--abandon')
    await until('the removal to save', filter.waits)
    child.kill('SIGKILL')
    await once(child, 'close')
    filter.goOn()
    expect(readFileSync(join(folder, 'waiting'), 'utf8')).toBe('mine\n')
    expect(git(folder, 'status', '--porcelain')).toBe('?? waiting')
    const said = await run('remove', 'dns', '--abandon')
    expect(said.status, said.stderr).toBe(0)
    expect(repository.git('show', `${JSON.parse(said.stdout).kept}:waiting`)).toBe('mine')
  })
})
