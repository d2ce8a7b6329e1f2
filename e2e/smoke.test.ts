import { expect, it } from 'vitest'
import { presenceOn } from './support/cli.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

describeEachEngine('two terminals on one board', engine => {
  it('can claim, peek, co-claim, release and list as the first plan for the board says', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const [a, b] = [presenceOn(dsn, 'ana@laptop@smoke-a'), presenceOn(dsn, 'ana@laptop@smoke-b')]

    const claimed = await a('claim', 'infra:smoke-test-a', '--purpose', 'try the board')
    expect(claimed).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^presence: claimed infra:smoke-test-a until .*\n$/),
      stderr: '',
    })

    const peeked = await b('peek', 'infra:smoke-test-a')
    expect(peeked.stdout).toMatch(/ana@laptop@smoke-a .*: try the board, since /)

    const beside = await b('claim', 'infra:smoke-test-a', '--purpose', 'a conflict on purpose')
    expect(beside.status).toBe(0)
    expect(beside.stdout).toMatch(
      /^presence: claimed infra:smoke-test-a until .* -- ALSO CLAIMED BY:\n {2}- ana@laptop@smoke-a /,
    )
    expect(beside.stdout).toMatch(/presence: by convention .*waits, and asks/)

    expect((await b('release', '--all-mine')).stdout).toBe('presence: released infra:smoke-test-a\n')
    const list = (await b('list', '--all')).stdout
    expect(list).toContain('ana@laptop@smoke-a')
    expect(list).not.toContain('smoke-b')

    await a('release', '--all-mine')
    expect((await a('list', '--all')).stdout).toBe('presence: no active claims\n')
  })
})
