import { rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TrustProject } from '../../test/trust-project.ts'

describe('a file that a project’s config file names as the board', () => {
  it.each<[string, 'used' | 'untrusted', (outside: string, project: string) => void]>([
    ['sqlite:board.db', 'used', () => {}],
    ['sqlite:.presence/board.db', 'used', () => {}],
    ['sqlite:sub/../board.db', 'used', () => {}],
    ['sqlite:../outside/app.db', 'untrusted', () => {}],
    ['sqlite:src/../../outside/app.db', 'untrusted', () => {}],
    ['sqlite:../project-2/board.db', 'untrusted', () => {}],
    ['sqlite:..', 'untrusted', () => {}],
    ['sqlite:.', 'untrusted', () => {}],
    ['sqlite:..board.db', 'used', () => {}],
    ['sqlite:/etc/passwd', 'untrusted', () => {}],
    ['sqlite:/proc/self/fd/0', 'untrusted', () => {}],
    [
      'sqlite:link.db',
      'untrusted',
      (outside, project) => symlinkSync(join(outside, 'app.db'), join(project, 'link.db')),
    ],
    [
      'sqlite:gone.db',
      'untrusted',
      (outside, project) => symlinkSync(join(outside, 'new.db'), join(project, 'gone.db')),
    ],
    [
      'sqlite:folder/new.db',
      'untrusted',
      (outside, project) => symlinkSync(outside, join(project, 'folder')),
    ],
    [
      'sqlite:folder/gone/new.db',
      'untrusted',
      (outside, project) => symlinkSync(outside, join(project, 'folder')),
    ],
    ['sqlite:loop.db', 'used', (_, project) => symlinkSync('loop.db', join(project, 'loop.db'))],
    ['sqlite:inner.db', 'used', (_, project) => symlinkSync('src/board.db', join(project, 'inner.db'))],
  ])('must be inside the project, with links followed: %s is %s', async (dsn, expected, prepare) => {
    const at = new TrustProject()
    const outside = dirname(at.put('outside/app.db', ''))
    prepare(outside, at.project)
    const path = at.says({ dsn })
    expect(await at.used()).toBe(expected === 'used' ? path : 'untrusted')
    if (expected === 'used') return
    expect((await at.faultOf()).message).toContain('a file outside the project')
    at.trustIt()
    expect(await at.used()).toBe(path)
  })

  it('needs new trust if its link leads elsewhere', async () => {
    const at = new TrustProject()
    const { project } = at
    const path = at.says({ dsn: 'sqlite:link.db' })
    const link = join(project, 'link.db')
    symlinkSync(at.put('outside/team.db', ''), link)
    at.trustIt()
    expect(await at.used()).toBe(path)
    rmSync(link)
    symlinkSync(at.put('outside/app.db', ''), link)
    expect(await at.used()).toBe('untrusted')
  })
})
