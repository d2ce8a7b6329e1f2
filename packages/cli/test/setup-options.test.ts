import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newMachine, OTHERS, treeOf } from './setup.ts'

describe('the board of presence setup', () => {
  it('is written as init does, trusted, and asked', async () => {
    const { project, setup, run } = newMachine('claude-code')
    const said = await setup('--yes', '--dsn', 'sqlite:team.db')
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toContain(`wrote ${project}/.presence/config.json: the board sqlite:team.db`)
    expect(said.stdout).toContain('team.db')
    expect(JSON.parse(readFileSync(join(project, '.presence/config.json'), 'utf8'))).toEqual({
      dsn: 'sqlite:team.db',
    })
    const server = await run(['setup', '--yes', '--dsn', 'mysql://ana@127.0.0.1:1/presence'])
    expect(server.status).toBe(3)
    expect(server.stdout).toMatch(/broken {2}board: /)
    expect((await run(['trust', '--list'])).stdout).toContain('127.0.0.1:1')
    await run(['setup', '--remove', '--yes'])
    expect((await run(['trust', '--list'])).stdout).toContain('you trust no project')
    expect(existsSync(join(project, '.presence'))).toBe(false)
  })

  it.each([
    ['mysql://ana:s3cret@db.example/presence', /contains a password.*\n.*--user/],
    ['mysql://ana:s3cret@db.example', /names no database/],
    ['postgres://ana:s3cret@db/x', /"postgres" is not one of/],
  ])('is refused before anything is written: %s', async (dsn, message) => {
    const { home, setup } = newMachine('claude-code')
    const before = treeOf(home, OTHERS)
    const said = await setup('--yes', '--dsn', dsn)
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(message)
    expect(said.stderr).not.toContain('s3cret')
    expect(treeOf(home, OTHERS)).toEqual(before)
  })

  it('may have a password in the user’s own file, which is never shown', async () => {
    const { home, setup } = newMachine('claude-code')
    const dsn = 'mysql://ana:s3cret@127.0.0.1:1/presence'
    for (const more of [['--dry-run'], ['--yes'], ['--yes', '--json'], ['--remove', '--dry-run']]) {
      const board = more.includes('--remove') ? [] : ['--dsn', dsn]
      const said = await setup('--user', ...board, ...more)
      expect(said.stdout + said.stderr).not.toContain('s3cret')
      expect(said.stdout + said.stderr).toContain('config.json')
    }
    expect(statSync(join(home, '.config/presence/config.json')).mode & 0o777).toBe(0o600)
    for (const [path, content] of Object.entries(treeOf(join(home, '.config/presence/setup'))))
      expect(Buffer.from(content.split(' ')[1] ?? '', 'base64').toString(), path).not.toContain('s3cret')
  })
})

describe('presence setup without a terminal', () => {
  it.each([
    ['--dry-run', [], /--yes; for a shared board: --dsn/],
    ['nothing', ['--json'], /--yes/],
    ['nothing', ['--dsn', 'sqlite:team.db'], /--yes/],
  ])('asks nothing, writes nothing, and names its options (%s, %j)', async (_, more, hint) => {
    const { home, setup } = newMachine('claude-code')
    const before = treeOf(home, OTHERS)
    const said = await setup(...more)
    expect(said.status).toBe(2)
    expect(said.stderr).toMatch(/nothing was written: it needs your consent/)
    expect(said.stderr).toMatch(hint)
    if (more.includes('--json')) expect(JSON.parse(said.stdout).error.code).toBe('usage')
    expect(treeOf(home, OTHERS)).toEqual(before)
  })

  it('does not need --yes if there is nothing to write or to remove', async () => {
    const { setup } = newMachine('claude-code')
    expect((await setup('--remove')).stdout).toContain('there is nothing to remove')
    await setup('--yes')
    expect((await setup()).status).toBe(0)
    expect(await setup('--remove')).toMatchObject({ status: 2 })
    expect(await setup('--remove', '--dsn', 'sqlite:x.db')).toMatchObject({ status: 2, stdout: '' })
  })
})
