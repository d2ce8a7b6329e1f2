import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { git, Repository } from '../../../e2e/support/repository.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

it('H7: a worktree beside the main one is on the same board, and doctor and init say whose file applies', async () => {
  const top = join(scratchFolder(), 'main')
  git('/', 'init', '--quiet', top)
  const main = new Repository(top)
  main.git(
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'one',
  )
  const worktree = join(main.top, '../wt')
  main.git('worktree', 'add', '--quiet', worktree)
  const env = { ...main.env, PRESENCE_SESSION_ID: undefined }
  const as = (session: string, cwd: string, ...args: string[]) =>
    presence(args, { cwd, env: { ...env, PRESENCE_SESSION_ID: session }, within: 20_000 })
  expect(await as('ana', main.top, 'init', '--dsn', 'sqlite:.presence/board.db')).toMatchObject({ status: 0 })
  expect(await as('ana', main.top, 'claim', 'node:a', '--exclusive', '--purpose', 'x')).toMatchObject({
    status: 0,
  })

  const refused = await as('bob', worktree, 'claim', 'node:a', '--exclusive', '--purpose', 'x')
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('ana') })
  const file = join(main.top, '.presence/config.json')
  const { stdout } = await as('bob', worktree, 'doctor')
  expect(stdout).toContain(
    `config: ${file} (of the main worktree, because the linked worktree ${worktree} has no config file)`,
  )

  const written = await as('bob', worktree, 'init', '--dsn', 'sqlite:.presence/own.db')
  expect(written).toMatchObject({ status: 0 })
  expect(written.stderr).toContain(
    `in this linked worktree it replaces ${file}, which the main worktree still uses`,
  )
  expect(existsSync(join(worktree, '.presence/config.json'))).toBe(true)
  expect((await as('bob', worktree, 'doctor')).stdout).not.toContain('of the main worktree')
  expect(await as('bob', worktree, 'init', '--kind', 'queue')).toMatchObject({ status: 0, stderr: '' })
})
