import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'

/** Creates a board for the test, and runs the command on it as any session. */
function newBoard() {
  const folder = mkdtempSync(join(tmpdir(), 'presence-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return (session: string, ...args: string[]) =>
    presence(args, { env: { PRESENCE_DSN: `sqlite:${folder}/board.db`, PRESENCE_SESSION_ID: session } })
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

it('claim says that it claimed, and nothing else', async () => {
  const as = newBoard()
  expect(await as('ana', 'claim', 'node:a', '--purpose', 'drain')).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^presence: claimed node:a until [-\d: ]+ UTC \(15 min\)\n$/),
    stderr: '',
  })
})

it('claim names each other holder with id, user@host, purpose and start, and the convention', async () => {
  const as = newBoard()
  await as('ana', 'claim', 'node:a', '--purpose', 'drain')
  await as('bob', 'claim', 'node:a', '--purpose', 'restart')

  const { status, stdout, stderr } = await as('eve', 'claim', 'node:a', '--purpose', 'patch')

  expect([status, stderr]).toEqual([0, ''])
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[0]).toMatch(/^presence: claimed node:a until .* -- ALSO CLAIMED BY:$/)
  const since = String.raw`since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \((just now|\d+ s ago)\)`
  expect(lines[1]).toMatch(new RegExp(String.raw`^ {2}- ana \([^@]+@[^)]+\): drain, ${since}`))
  expect(lines[2]).toMatch(new RegExp(String.raw`^ {2}- bob \([^@]+@[^)]+\): restart, ${since}`))
  expect(lines[3]).toMatch(/^presence: by convention .*waits, and asks/)
})

it('claim --json prints the claim, the others and the co-claims', async () => {
  const as = newBoard()
  await as('ana', 'claim', 'node:a', '--purpose', 'drain')
  const { stdout } = await as('bob', 'claim', 'node:a', '--purpose', 'restart', '--ttl', '2h', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    claim: {
      session_id: 'bob',
      resource_label: 'node:a',
      purpose: 'restart',
      ttl_seconds: 7200,
      is_me: true,
    },
    others: [{ session_id: 'ana', is_me: false }],
    lapsed_at: null,
    co_claims: [],
  })
})

it('list --json is an array with the documented keys, times in UTC to the millisecond', async () => {
  const as = newBoard()
  await as('ana', 'claim', 'node:a', '--purpose', 'drain')
  await as('bob', 'claim', 'db:b', '--purpose', 'vacuum')

  const claims = JSON.parse((await as('bob', 'list', '--json')).stdout)

  expect(claims).toHaveLength(2)
  expect(Object.keys(claims[0])).toEqual(
    expect.arrayContaining([
      'session_id',
      'resource_label',
      'purpose',
      'claimed_at',
      'expires_at',
      'user',
      'host',
      'agent_name',
      'is_me',
    ]),
  )
  expect(claims[0]).toMatchObject({
    session_id: 'ana',
    is_me: false,
    claimed_at: expect.stringMatching(TIME),
  })
  expect(claims[1]).toMatchObject({ session_id: 'bob', is_me: true, expires_at: expect.stringMatching(TIME) })
})

it('an empty board is reported in words, and in JSON as an empty array', async () => {
  const as = newBoard()
  expect((await as('ana', 'list')).stdout).toBe('presence: no active claims\n')
  expect((await as('ana', 'list', '--json')).stdout).toBe('[]\n')
  expect((await as('ana', 'peek', 'node:a')).stdout).toBe('presence: no active claim on node:a\n')
  expect((await as('ana', 'peek', 'node:a', '--json')).stdout).toBe('[]\n')
})

it('list marks my claims, heartbeat counts them, release takes only them', async () => {
  const as = newBoard()
  await as('ana', 'claim', 'node:a', '--purpose', 'drain')
  await as('bob', 'claim', 'node:a', '--purpose', 'restart')

  expect((await as('ana', 'list')).stdout).toMatch(
    /node:a {2}ana \(me\) +cli, \S+@\S+ +drain .*\nnode:a {2}bob +cli, \S+@\S+ +restart /,
  )
  expect((await as('ana', 'heartbeat')).stdout).toMatch(
    /^presence: extended 1 claim\npresence: node:a.*also claimed by bob/,
  )
  expect((await as('ana', 'release', '--all-mine')).stdout).toBe('presence: released node:a\n')
  expect((await as('ana', 'heartbeat')).stdout).toBe('presence: no live claims to extend\n')
  expect((await as('ana', 'peek', 'node:a')).stdout).toContain('bob')
})

it('releasing the claim of another session is refused: exit 1, the holder named', async () => {
  const as = newBoard()
  await as('ana', 'claim', 'node:a', '--purpose', 'drain')
  const { status, stdout, stderr } = await as('bob', 'release', 'node:a')
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/node:a is held by ana, not by this session\npresence: hint: /)
  const json = await as('bob', 'release', 'node:a', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'not_holder' } })
})

it('text from others can’t move the cursor, set colours, or begin a line of its own', async () => {
  const as = newBoard()
  const hostile = 'x\n  - root@prod (root@prod): fine\u001b[2J\u202e\u0007\u009b31m'
  await as('ana', 'claim', 'node:a', '--purpose', hostile)

  for (const verb of [
    ['list'],
    ['peek', 'node:a'],
    ['claim', 'node:a', '--purpose', 'p'],
    ['list', '--json'],
  ]) {
    const { stdout, stderr } = await as('bob', ...verb)
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(stdout).not.toMatch(/^ {2}- root@prod/m)
  }
  const [claim] = JSON.parse((await as('bob', 'list', '--json')).stdout)
  expect(claim.purpose).toBe(hostile)
})

it('output is not coloured in a pipe or under NO_COLOR', async () => {
  const as = newBoard()
  await as('ana', 'claim', 'node:a', '--purpose', 'drain')
  expect((await as('bob', 'claim', 'node:a', '--purpose', 'p')).stdout).not.toContain('\u001b')
})

it.each(['list', 'peek node:a', 'claim node:b --purpose p'])(
  '%s ends quietly when its reader closes early',
  async verb => {
    const { execFileSync } = await import('node:child_process')
    const { PRESENCE } = await import('../../../e2e/support/cli.ts')
    const folder = mkdtempSync(join(tmpdir(), 'presence-cli-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const env = { ...process.env, PRESENCE_DSN: `sqlite:${folder}/board.db`, PRESENCE_SESSION_ID: 'ana' }
    const said = execFileSync(
      'sh',
      ['-c', `"${PRESENCE}" ${verb} 2>&1 >/dev/full | cat; "${PRESENCE}" ${verb} 2>&1 | true`],
      {
        env,
        encoding: 'utf8',
      },
    )
    expect(said).not.toMatch(/ at .*\.cjs/)
  },
)

it('each terminal is its own session, even of the same user on one host', async () => {
  const { execFileSync } = await import('node:child_process')
  const { PRESENCE } = await import('../../../e2e/support/cli.ts')
  const folder = mkdtempSync(join(tmpdir(), 'presence-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const terminal = (script: string) =>
    execFileSync('setsid', ['-w', 'sh', '-c', script.replaceAll('presence', PRESENCE)], {
      env: { PATH: process.env['PATH'], PRESENCE_DSN: `sqlite:${folder}/board.db` },
      encoding: 'utf8',
    })

  const one = terminal(
    'presence claim node:a --purpose p; presence claim node:b --purpose p; presence list --mine --json',
  )
  const claims = JSON.parse(one.trimEnd().split('\n').at(-1) ?? '[]') as { session_id: string }[]
  expect(claims).toHaveLength(2)
  expect(claims[0]?.session_id).toMatch(/^[^@]+@[^@]+@[0-9a-f]{8}$/)
  expect(terminal('presence claim node:a --purpose p')).toContain('ALSO CLAIMED BY')
})

it.each([
  ['a shared', []],
  ['an exclusive', ['--exclusive']],
])('G3: claiming %s claim again with a shorter ttl prints the ttl that remains', async (_, mode) => {
  const as = newBoard()
  const claim = (ttl: string) =>
    as('ana', 'claim', 'node:a', '--purpose', 'p', ...mode, '--ttl', ttl, '--json')
  const first = JSON.parse((await claim('2h')).stdout).claim
  const again = await claim('5')
  const stands = JSON.parse(again.stdout).claim
  expect(stands.ttl_seconds).toBe(7200)
  expect(stands.expires_at >= first.expires_at).toBe(true)
  expect(again.stderr).toMatch(
    /^presence: note: node:a keeps its ttl of 2h and lasts until .*\d\d:\d\d UTC: .*release it and claim it again\n$/,
  )
  expect((await claim('3h')).stderr, 'a longer one is taken').toBe('')
})
