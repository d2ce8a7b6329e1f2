import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { findTracker, whyNoTracker } from './find.ts'

let home: string
beforeEach(() => {
  home = scratchFolder()
  for (const folder of ['bin', 'main/sub/.beads', 'main/.beads'])
    mkdirSync(join(home, folder), { recursive: true })
  writeFileSync(join(home, 'bin/bd'), '#!/bin/sh\n', { mode: 0o755 })
  git('init', '-q', '.')
})

function git(...args: string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always']
  execFileSync('git', [...who, ...args], { cwd: join(home, 'main'), stdio: 'ignore' })
}

const folderIn = (cwd: string, more: Record<string, string> = {}) =>
  findTracker({ PATH: join(home, 'bin'), ...more }, join(home, cwd))?.folder

describe('the tracker', () => {
  it('is that at the top of the project, from any folder below', () => {
    expect(folderIn('main/sub')).toBe(join(home, 'main/.beads'))
    expect(folderIn('main', { CLAUDE_PROJECT_DIR: join(home, 'main/sub') })).toBe(join(home, 'main/.beads'))
  })

  it('is in a linked worktree that of the main one, also if the worktree has the folder', () => {
    writeFileSync(join(home, 'main/.beads/metadata.json'), '{}')
    git('add', '.beads')
    git('commit', '-qm', 'tracker')
    git('worktree', 'add', '-q', '../linked')
    expect(folderIn('linked')).toBe(join(home, 'main/.beads'))
    git('rm', '-qr', '--cached', '.beads')
    git('commit', '-qm', 'ignored')
    git('worktree', 'add', '-q', '.worktrees/role', '-b', 'role')
    expect(folderIn('main/.worktrees/role')).toBe(join(home, 'main/.beads'))
  })

  it('is in a submodule its own', () => {
    git('commit', '-qm', 'first', '--allow-empty')
    git('submodule', 'add', '-q', join(home, 'main'), 'module')
    mkdirSync(join(home, 'main/module/.beads'), { recursive: true })
    expect(folderIn('main/module')).toBe(join(home, 'main/module/.beads'))
  })

  it('is outside of a repository that of the agent’s project', () => {
    mkdirSync(join(home, 'plain/.beads'), { recursive: true })
    mkdirSync(join(home, 'plain/sub'))
    expect(folderIn('plain')).toBe(join(home, 'plain/.beads'))
    expect(folderIn('plain/sub', { CLAUDE_PROJECT_DIR: join(home, 'plain') })).toBe(
      join(home, 'plain/.beads'),
    )
    expect(folderIn('plain/sub')).toBeUndefined()
  })

  it('is missing without an executable bd in an absolute folder of PATH', () => {
    const cwd = join(home, 'main')
    for (const path of ['', 'bin', '.', join(home, 'main'), undefined])
      expect(findTracker({ PATH: path }, cwd), path).toBeUndefined()
    writeFileSync(join(home, 'main/bd'), 'not executable')
    expect(findTracker({ PATH: `${cwd}:${join(home, 'bin')}` }, cwd)?.program).toBe(join(home, 'bin/bd'))
    expect(whyNoTracker({ PATH: '' }, cwd).message).toContain('bd is not on PATH')
    expect(whyNoTracker({}, home).message).toContain(`${home} has no .beads`)
  })
})
