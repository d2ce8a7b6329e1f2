import { userInfo } from 'node:os'
import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

/** Two terminals of this user: sessions of their own, as far as the board knows. */
function terminals() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  const at = (PRESENCE_SESSION_ID: string, more = {}) => {
    const env = { PRESENCE_DSN: dsn, PRESENCE_SESSION_ID, ...more }
    return (...args: readonly string[]) => presence(args, { env })
  }
  return { dsn, first: at('ana@devvm@1'), second: at('ana@devvm@2'), at }
}

describe('a person at a second terminal', () => {
  it.each([
    ['release', ['release', 'node:a']],
    ['claim', ['claim', 'node:a', '--purpose', 'q']],
    ['exclusive claim', ['claim', 'node:a', '--purpose', 'q', '--exclusive']],
    ['run', ['run', '--claim', 'node:a', '--exclusive', '--purpose', 'q', '--', 'true']],
  ])('whose %s is refused because of the first is told how to act for it', async (_, args) => {
    const { first, second } = terminals()
    await first('claim', 'node:a', '--purpose', 'p', '--exclusive')
    const said = await second(...args)
    expect(said.status).toBe(1)
    expect(said.stderr).toContain('ana@devvm@1 is also you on this host')
    expect(said.stderr).toContain('--session ana@devvm@1')
  })

  it('can do so: the offered option releases the claim', async () => {
    const { first, second } = terminals()
    await first('claim', 'node:a', '--purpose', 'p')
    const said = await second('release', 'node:a', '--json')
    const [, id = ''] = /--session (\S+);/.exec(JSON.parse(said.stdout).error.remedy) ?? []
    expect(await second('release', 'node:a', '--session', id)).toMatchObject({
      status: 0,
      stdout: 'presence: released node:a\n',
    })
  })

  it.each([
    ['an agent holds the label', 'claude-code', 'cli', userInfo().username],
    ['an agent is asking', 'cli', 'codex', userInfo().username],
    ['another user holds the label', 'cli', 'cli', 'somebody-else'],
  ])('is not told so if %s', async (_, holds, asks, user) => {
    const { dsn, at } = terminals()
    if (user === 'somebody-else') {
      await (await openBoard({ dsn, session: 'x', env: {} })).close()
      const { DatabaseSync } = await import('node:sqlite')
      await at('holder', { PRESENCE_AGENT: holds })('claim', 'node:a', '--purpose', 'p')
      const database = new DatabaseSync(dsn.slice('sqlite:'.length), { timeout: 10_000 })
      database.exec(`UPDATE presence_claims SET user = '${user}'`)
      database.close()
    } else await at('holder', { PRESENCE_AGENT: holds })('claim', 'node:a', '--purpose', 'p')
    const said = await at('asker', { PRESENCE_AGENT: asks })('release', 'node:a')
    expect(said.status).toBe(1)
    expect(said.stderr).not.toContain('--session')
  })
})
