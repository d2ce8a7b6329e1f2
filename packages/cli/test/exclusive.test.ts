import { describe, expect, it } from 'vitest'
import { presence, presenceOn } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

function newBoard() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  return { as: (session: string) => presenceOn(dsn, session) }
}

describe('presence claim --exclusive', () => {
  it('prints its token, and refuses others with exit 1, with holder, purpose, start and time left', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    expect(await ana('claim', 'stack:gpu', '--exclusive', '--purpose', 'apply')).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        /^presence: claimed stack:gpu exclusively, token 1, until [-\d: ]+ UTC \(15 min\)\n$/,
      ),
      stderr: '',
    })
    for (const args of [['--exclusive'], []]) {
      const said = await bob('claim', 'stack:gpu', '--purpose', 'mine', ...args)
      expect(said).toMatchObject({ status: 1, stdout: '' })
      expect(said.stderr).toMatch(
        /^presence: NOT claimed stack:gpu: stack:gpu is held exclusively by ana\n {2}- ana \(.*\): apply, since .*, 1[45] min left, exclusive\npresence: hint: .*wait in turn with --wait 10m, or ask its holder\n$/,
      )
    }
    expect((await bob('list')).stdout).toMatch(/stack:gpu \(exclusive\) +ana +cli, \S+ +apply/)
    const said = JSON.parse(
      (await bob('claim', 'stack:gpu', '--exclusive', '--purpose', 'x', '--json')).stdout,
    )
    expect(said.error).toMatchObject({
      code: 'held',
      holders: [{ session_id: 'ana', mode: 'exclusive', token: 1, purpose: 'apply' }],
    })
  })

  it('stays as it is if it is claimed again without --exclusive, which says so', async () => {
    const ana = newBoard().as('ana')
    await ana('claim', 'stack:y', '--exclusive', '--purpose', 'apply')
    const again = await ana('claim', 'stack:y', '--purpose', 'apply', '--ttl', '2h')
    expect(again).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        /^presence: claimed stack:y exclusively, token 1, until .* \(1[45] min\)\n$/,
      ),
      stderr: expect.stringMatching(
        /^presence: note: stack:y keeps its ttl of 15m and lasts until .*: a shared claim does not change your exclusive claim\. .*claim it again exclusively/,
      ),
    })
    for (const asked of [[], ['--ttl', '15m']])
      expect(await ana('claim', 'stack:y', '--purpose', 'apply', ...asked)).toMatchObject({ stderr: '' })
    const longer = await ana('claim', 'stack:y', '--exclusive', '--purpose', 'apply', '--ttl', '2h')
    expect(longer).toMatchObject({ stdout: expect.stringMatching(/\(2 h\)\n$/), stderr: '' })
    const shorter = await ana('claim', 'stack:y', '--purpose', 'apply', '--ttl', '1h')
    expect(shorter.stderr).toMatch(/stack:y keeps its ttl of 2h .*never shortens/)
  })

  it('is refused beside shared claims, and with --over-shared lists them', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await bob('claim', 'node:a', '--purpose', 'drain')
    expect(await ana('claim', 'node:a', '--exclusive', '--purpose', 'x')).toMatchObject({ status: 1 })
    const over = await ana('claim', 'node:a', '--exclusive', '--over-shared', '--purpose', 'x')
    expect(over.stdout).toMatch(
      /exclusively, token \d+, until .* -- ALSO CLAIMED \(SHARED\) BY:\n {2}- bob \(.*drain/,
    )
    expect((await bob('heartbeat')).stdout).toContain('node:a, which you hold, is also claimed by ana')
    expect(await ana('claim', 'node:b', '--over-shared', '--purpose', 'x')).toMatchObject({ status: 2 })
  })

  it('G7: exits 3 if the board does not answer, and queues nothing', async () => {
    const env = { PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence' }
    const said = await presence(['claim', 'node:a', '--exclusive', '--purpose', 'x'], { env })
    expect(said).toMatchObject({ status: 3, stdout: '' })
    expect(said.stderr).toMatch(/^presence: NOT claimed node:a: dolt unreachable/)
    expect(said.stderr).not.toMatch(/queued/)
  })
})

describe('presence verify', () => {
  it('exits 0 while the token is current and 1 afterwards, and names the holder', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'stack:gpu', '--exclusive', '--purpose', 'apply')
    expect(await bob('verify', 'stack:gpu', '--token', '1')).toEqual({
      status: 0,
      stdout: 'presence: token 1 on stack:gpu is current\n',
      stderr: '',
    })
    await ana('release', 'stack:gpu')
    expect(await bob('verify', 'stack:gpu', '--token', '1')).toMatchObject({
      status: 1,
      stdout: 'presence: token 1 on stack:gpu is not current: nobody holds it exclusively\n',
    })
    await bob('claim', 'stack:gpu', '--exclusive', '--purpose', 'roll back')
    const said = await ana('verify', 'stack:gpu', '--token', '1', '--json')
    expect(said.status).toBe(1)
    expect(JSON.parse(said.stdout)).toMatchObject({ current: false, token: 2, holder: { session_id: 'bob' } })
  })

  it.each(['', '0', '-1', 'x', '1e3', '99999999999999999999'])(
    'refuses %j as a token: exit 2',
    async token => {
      expect(await newBoard().as('ana')('verify', 'node:a', '--token', token)).toMatchObject({ status: 2 })
    },
  )

  it('exits 3 if the board does not answer', async () => {
    const env = { PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence' }
    expect(await presence(['verify', 'node:a', '--token', '1'], { env })).toMatchObject({
      status: 3,
      stdout: '',
    })
  })
})
