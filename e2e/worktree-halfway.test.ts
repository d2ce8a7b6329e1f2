import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE } from './support/cli.ts'
import { git, newRepository, Repository, write } from './support/repository.ts'
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

/** The folders that were moved aside in the folder of worktrees. */
function asides(): readonly string[] {
  const all = join(repository.top, '.worktrees')
  return existsSync(all)
    ? readdirSync(all).flatMap(name => (name.startsWith('.') ? [join(all, name)] : []))
    : []
}

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
  execFileSync('rm', ['-f', file])
  return can
})()

/** Makes a path undeletable until the test ends or the returned function is called. */
function hold(path: string): () => void {
  execFileSync('chattr', ['+i', path])
  const release = () => {
    const where = [path, ...asides().map(each => path.replace(folder, each))].find(each => existsSync(each))
    if (where) execFileSync('chattr', ['-i', where])
  }
  onTestFinished(release)
  return release
}

describe.skipIf(!hasImmutable)('a removal that fails halfway', () => {
  it('at the files names what was merged and what is left, and is never reported as done', async () => {
    const tip = repository.commit('zone', 'dns\n', folder)
    write(join(folder, 'ignored/x'), 'x')
    const release = hold(join(folder, 'ignored/x'))
    await register('agent-1')
    const said = await run('remove', 'dns', '--merge')
    expect(said.status).toBe(3)
    const [left = ''] = asides()
    expect(readFileSync(join(left, 'ignored/x'), 'utf8')).toBe('x')
    expect(errorOf(said)).toMatchObject({
      ...{ code: 'not_writable', branch_deleted: true, kept: null, deregistered: ['agent-1'] },
      merged: { into: 'main', how: 'fast-forward', head: tip },
    })
    expect(errorOf(said).left).toContain(left)
    for (const part of [left, 'Operation not permitted', 'agent/dns/active was merged into main before that'])
      expect(said.stderr).toContain(part)
    expect(await registered()).toEqual([])
    expect(existsSync(folder)).toBe(false)

    const again = await repository.presence('worktree', 'remove', 'dns')
    expect(again.status).toBe(1)
    expect(again.stderr).toContain(left)
    expect(again.stdout + again.stderr).not.toContain('already gone')
    expect((await run('list')).stderr).toContain(left)
    expect((await run('add', 'dns')).stderr).toContain(left)
    release()
    expect(existsSync(left), 'nothing deletes it without a request').toBe(true)
  })

  it('names the ref under which it kept uncommitted work', async () => {
    write(join(folder, 'new'), 'mine\n')
    write(join(folder, 'ignored/x'), 'x')
    hold(join(folder, 'ignored/x'))
    const said = await run('remove', 'dns', '--abandon')
    expect(said.status).toBe(3)
    const { kept } = errorOf(said)
    expect(said.stderr).toContain(`work that only it had is kept: ${kept}`)
    expect(repository.git('show', `${kept}:new`)).toBe('mine')
  })

  it('before anything is removed leaves everything as it was, including the session in it', async () => {
    const tip = repository.commit('zone', 'dns\n', folder)
    write(join(folder, 'new'), 'mine\n')
    hold(join(repository.top, '.git/worktrees/dns'))
    await register('agent-1')
    const said = await run('remove', 'dns', '--abandon')
    expect(said.status).toBe(3)
    expect(said.stderr).toContain(`${folder} is unchanged, and nothing was removed`)
    expect(errorOf(said)).toMatchObject({ left: null, deregistered: [], branch_deleted: false })
    expect(asides()).toEqual([])
    expect(git(folder, 'status', '--porcelain')).toBe('?? new')
    expect(git(folder, 'rev-parse', 'agent/dns/active')).toBe(tip)
    expect(await registered()).toContain('agent-1')
  })

  it('in the repository’s part names the folder that git no longer knows, and what it kept', async () => {
    repository.commit('zone', 'dns\n', folder)
    write(join(folder, 'new'), 'mine\n')
    write(join(folder, 'ignored/x'), 'x')
    hold(join(repository.top, '.git/worktrees/dns/logs/HEAD'))
    await register('agent-1')
    const said = await run('remove', 'dns', '--abandon')
    expect(said.status).toBe(3)
    const { kept, left, deregistered } = errorOf(said)
    expect(repository.git('show', `${kept}:new`)).toBe('mine')
    expect(left).toBe(folder)
    expect(deregistered, 'git no longer works there').toEqual(['agent-1'])
    expect(said.stderr).toContain(`the repository no longer knows ${folder}`)
    expect(readFileSync(join(folder, 'ignored/x'), 'utf8')).toBe('x')
    const again = await repository.presence('worktree', 'remove', 'dns', '--abandon')
    expect(again.status).toBe(1)
    expect(again.stderr).toContain(`${folder} exists`)
    expect(repository.git('branch', '--list', 'agent/dns/active')).not.toBe('')
  })

  it('because the folder can’t be moved removes nothing', async () => {
    const tip = repository.commit('zone', 'dns\n', folder)
    hold(join(repository.top, '.worktrees'))
    const said = await run('remove', 'dns', '--merge')
    expect(said.status).toBe(3)
    expect(said.stderr).toContain("can't be moved")
    expect(errorOf(said)).toMatchObject({ merged: { into: 'main' }, deregistered: [] })
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(tip)
  })
})

/**
 * Makes git wait when it reads one file, once the folder was moved aside.
 *
 * @returns a check that git is waiting, and a function that lets it continue
 */
function waitingFilter(): { readonly waits: () => boolean; readonly goOn: () => void } {
  const at = scratchFolder()
  const script = `#!/bin/sh\ncase "$PWD" in *-removed-*) touch "${at}/waits"; while [ ! -e "${at}/go" ]; do sleep 0.05; done ;; esac\nexec cat\n`
  write(join(at, 'filter'), script)
  chmodSync(join(at, 'filter'), 0o755)
  repository.git('config', 'filter.waiting.clean', join(at, 'filter'))
  write(join(repository.top, '.git/info/attributes'), 'waiting filter=waiting\n')
  write(join(folder, 'waiting'), 'mine\n')
  return { waits: () => existsSync(join(at, 'waits')), goOn: () => write(join(at, 'go'), '') }
}

function removing(): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(PRESENCE, ['worktree', 'remove', 'dns', '--abandon'], {
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
  it('a file that is written to its path is not part of it, and stays', async () => {
    const filter = waitingFilter()
    const { child, said } = removing()
    await until('the removal to look', filter.waits)
    write(join(folder, 'late'), 'late\n')
    filter.goOn()
    await once(child, 'close')
    expect(child.exitCode).toBe(3)
    const [left = ''] = asides()
    for (const part of [left, `mv ${left} ${folder}`, 'refs/presence/abandoned/dns-'])
      expect(said()).toContain(part)
    expect(readFileSync(join(folder, 'late'), 'utf8')).toBe('late\n')
    expect(readFileSync(join(left, 'waiting'), 'utf8')).toBe('mine\n')
  })

  it('a file that another process writes in it is noticed, and everything is put back', async () => {
    const filter = waitingFilter()
    const { child, said } = removing()
    await until('the removal to look', filter.waits)
    const [aside = ''] = asides()
    write(join(aside, 'late'), 'late\n')
    write(join(aside, 'a'), 'late\n')
    filter.goOn()
    await once(child, 'close')
    expect(child.exitCode).not.toBe(0)
    expect(said()).toContain(`${folder} is unchanged, and nothing was removed`)
    expect(asides()).toEqual([])
    for (const file of ['late', 'a']) expect(readFileSync(join(folder, file), 'utf8')).toBe('late\n')
    expect(repository.refs().filter(ref => ref.includes('abandoned'))).toEqual([])
  })

  it('a file that is written where there was no change is noticed too', async () => {
    const filter = waitingFilter()
    git(folder, 'add', 'waiting')
    git(folder, 'commit', '--quiet', '-m', 'waiting')
    // Newer than git's record of it, so git reads it at each check, and finds no change.
    execFileSync('touch', [join(folder, 'waiting')])
    const { child, said } = removing()
    await until('the removal to look', filter.waits)
    write(join(asides()[0] ?? '', 'late'), 'late\n')
    filter.goOn()
    await once(child, 'close')
    expect(child.exitCode).toBe(1)
    expect(said()).toContain('was changed in the meantime: 1 uncommitted file')
    expect(asides()).toEqual([])
    expect(readFileSync(join(folder, 'late'), 'utf8')).toBe('late\n')
  })

  it.each(['remove', 'add'])('a kill leaves nothing that the next %s doesn’t put back', async verb => {
    const filter = waitingFilter()
    const { child } = removing()
    await until('the removal to look', filter.waits)
    child.kill('SIGKILL')
    await once(child, 'close')
    filter.goOn()
    expect((await run('list')).stderr).toContain(asides()[0])
    const said = await run(verb, 'dns')
    expect(said.stderr).toContain(`${folder} is back`)
    expect(said.status).toBe(verb === 'add' ? 0 : 1)
    expect(asides()).toEqual([])
    expect(readFileSync(join(folder, 'waiting'), 'utf8')).toBe('mine\n')
    expect(git(folder, 'branch', '--show-current')).toBe('agent/dns/active')
  })

  it('a repair by another user does not mislead the repository', async () => {
    const filter = waitingFilter()
    const { child } = removing()
    await until('the removal to look', filter.waits)
    repository.git('worktree', 'repair', asides()[0] ?? '')
    const note = join(repository.top, '.git/worktrees/dns/gitdir')
    expect(readFileSync(note, 'utf8')).toContain('-removed-')
    filter.goOn()
    await once(child, 'close')
    expect(child.exitCode).toBe(0)
    expect(repository.git('worktree', 'list').split('\n')).toHaveLength(1)
    expect(existsSync(join(repository.top, '.worktrees'))).toBe(false)
  })

  it('uncommitted work is kept even if a submodule has no work of its own', async () => {
    git(folder, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', newRepository().top, 'sub')
    repository.commit('b', 'with sub\n', folder)
    write(join(folder, 'new'), 'mine\n')
    const said = await run('remove', 'dns', '--abandon')
    expect(said.status, said.stderr).toBe(0)
    const { kept } = JSON.parse(said.stdout)
    expect(repository.git('show', `${kept}:new`)).toBe('mine')
    expect(repository.git('rev-parse', `${kept}:sub`)).toBe(repository.git('rev-parse', `${kept}^:sub`))
  })
})

it('a folder that was moved by hand, with a link in its place, is not removed', async () => {
  const moved = join(repository.top, '../moved')
  renameSync(folder, moved)
  execFileSync('ln', ['-s', moved, folder])
  expect(errorOf(await run('remove', 'dns', '--abandon'))).toMatchObject({ code: 'broken_worktree' })
  expect(git(moved, 'status', '--porcelain')).toBe('')
})

it.skipIf(process.getuid?.() !== 0)('a folder that can’t be moved is removed in its place', async () => {
  write(join(folder, 'new'), 'mine\n')
  const at = scratchFolder()
  const layers = scratchFolder()
  for (const each of ['upper', 'work']) mkdirSync(join(layers, each))
  const options = `lowerdir=${repository.top},upperdir=${layers}/upper,workdir=${layers}/work`
  // The content of an image is a lower layer of its containers.
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, at])
  onTestFinished(() => void execFileSync('umount', [at]))
  git(at, 'worktree', 'repair', join(at, '.worktrees/dns'))
  expect(() => renameSync(join(at, '.worktrees/dns'), join(at, '.worktrees/x'))).toThrow('EXDEV')
  const inside = new Repository(at)
  const refused = await inside.presence('worktree', 'remove', 'dns')
  expect(refused.status).toBe(1)
  const said = await inside.presence('worktree', 'remove', 'dns', '--abandon', '--json')
  expect(said.status, said.stderr).toBe(0)
  expect(git(at, 'show', `${JSON.parse(said.stdout).kept}:new`)).toBe('mine')
  expect(existsSync(join(at, '.worktrees'))).toBe(false)
})
