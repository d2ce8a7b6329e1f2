import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { presenceOn } from '../../../e2e/support/cli.ts'
import { freePort } from '../../../e2e/support/free-port.ts'
import { Running } from '../../../e2e/support/running.ts'

/** Creates a board for the test, with the command on it as any session, and a watch of it. */
function newBoard() {
  const folder = mkdtempSync(join(tmpdir(), 'presence-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'board.db')
  const dsn = `sqlite:${file}`
  return {
    dsn,
    /** Ends the time of all claims on a label, as if it had passed. */
    expire: (label: string) => {
      using db = new DatabaseSync(file, { timeout: 5_000 })
      db.prepare('UPDATE presence_claims SET expires_at = ? WHERE resource_label = ?').run(
        Date.now() - 1,
        label,
      )
    },
    as: (session: string) => presenceOn(dsn, session),
    watch: (...args: string[]) =>
      new Running(['watch', ...args], { PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: 'watcher' }),
  }
}

it('watch shows the present claims, then each claim, expiry and release on a line with time, label, session and purpose', async () => {
  const board = newBoard()
  const [ana, bob] = [board.as('ana'), board.as('bob')]
  await ana('claim', 'node:a', '--purpose', 'drain')
  await using watch = board.watch()
  await watch.line(/present/)
  await bob('claim', 'db:b', '--purpose', 'vacuum')
  await watch.line(/claimed/)
  board.expire('node:a')
  await watch.line(/expired/)
  await bob('release', 'db:b')
  await watch.line(/released/)

  expect(await watch.end()).toMatchObject({ status: 0, stderr: '' })
  const time = String.raw`\d\d:\d\d:\d\d UTC`
  const [first, ...lines] = watch.lines
  expect(first).toBe('presence: watching the board: 1 live claim')
  expect(lines).toEqual([
    expect.stringMatching(`^${time}  present   node:a  ana  drain$`),
    expect.stringMatching(`^${time}  claimed   db:b    bob  vacuum$`),
    expect.stringMatching(`^${time}  expired   node:a  ana  drain$`),
    expect.stringMatching(`^${time}  released  db:b    bob  vacuum$`),
  ])
})

it('watch --json prints one object per line: event, at, and the keys of list --json', async () => {
  const board = newBoard()
  const ana = board.as('ana')
  await ana('claim', 'node:a', '--purpose', 'drain')
  await using watch = board.watch('--json')
  await watch.line(/present/)
  await ana('release', 'node:a')
  await watch.line(/released/)
  await ana('claim', 'node:b', '--purpose', 'next')
  await watch.line(/claimed"/)
  await watch.end()

  const [claim] = JSON.parse((await board.as('watcher')('list', '--json')).stdout)
  const events = watch.lines.map(line => JSON.parse(line))
  expect(events.map(({ event }) => event)).toEqual(['known', 'present', 'released', 'claimed'])
  expect(events[0]).toEqual({ event: 'known', at: expect.any(String), unknown_since: null, live: 1 })
  expect(events[3]).toEqual({ event: 'claimed', at: claim.claimed_at, ...claim })
  for (const { at } of events) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

it('watch of a label shows only that label, and notes co-claims on the others that I hold', async () => {
  const board = newBoard()
  await board.as('watcher')('claim', 'node:b', '--purpose', 'mine')
  await board.as('ana')('claim', 'node:b', '--purpose', 'beside it')
  await using watch = board.watch('node:a')
  await watch.line(/watching node:a: no live claims/)
  await board.as('ana')('claim', 'node:c', '--purpose', 'elsewhere')
  await board.as('ana')('claim', 'node:a', '--purpose', 'here')
  await watch.line(/claimed/)

  const { stdout, stderr } = await watch.end()
  expect(stdout).not.toMatch(/node:[bc]/)
  expect(stderr).toMatch(/^presence: note: node:b, which you hold, is also claimed by ana/)
})

it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
  'watch ends at %s with status 0 and without a message',
  async signal => {
    const board = newBoard()
    await using watch = board.watch()
    const first = await watch.line(/watching/)
    expect(await watch.end(signal)).toEqual({ status: 0, stdout: `${first}\n`, stderr: '' })
  },
)

it('watch ends quietly when its reader has closed the pipe', async () => {
  const board = newBoard()
  await using watch = board.watch()
  await watch.line(/watching/)
  watch.stopReading()
  await board.as('ana')('claim', 'node:a', '--purpose', 'p')
  expect(await watch.result()).toMatchObject({ status: 0, stderr: '' })
})

it('watch shows no text from others that could move the cursor or begin a line of its own', async () => {
  const board = newBoard()
  const hostile = 'x\n12:00:00 UTC  released  node:a  ana\u001b[2J\u202e\u0007\u009b31m'
  await board.as('ana')('claim', 'node:a', '--purpose', hostile)
  await using watch = board.watch()
  await watch.line(/present/)
  const { stdout } = await watch.end()
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(stdout).not.toMatch(/^12:00:00/m)
})

it('watch of a bad label is a clear error with a remedy, exit 2', async () => {
  const board = newBoard()
  const said = await board.as('ana')('watch', 'nod:a')
  expect(said).toMatchObject({ status: 2, stdout: '' })
  expect(said.stderr).toMatch(/no known kind.*\npresence: hint: did you mean node:a\?/)
})

it('G6, G7: watch of an unreachable board says since when it has been unknown, and waits; with --strict it exits 3', async () => {
  const env = { PRESENCE_DSN: `mysql://ana:s3cret@127.0.0.1:${await freePort()}/board` }
  await using watch = new Running(['watch', '--json'], env)
  const said = JSON.parse(await watch.line(/./))
  expect(said).toMatchObject({ event: 'unknown', error: { code: 'unreachable' }, unknown_since: said.at })
  expect(await watch.end()).toMatchObject({ status: 0 })
  expect(watch.lines).toHaveLength(1)

  const strict = await presenceOn(env.PRESENCE_DSN, 'ana')('watch', '--strict')
  expect(strict.status).toBe(3)
  expect(strict.stdout).toMatch(/unknown since \d{4}-.*: dolt unreachable/)
  expect(strict.stderr).toMatch(/hint: /)
  expect(strict.stdout + strict.stderr + watch.stderr).not.toContain('s3cret')
})

it('G7: watch exits 2 at its start, with the remedy, if somebody has to fix something first', async () => {
  const board = newBoard()
  await board.as('ana')('list')
  using db = new DatabaseSync(new URL(board.dsn).pathname, { timeout: 10_000 })
  db.exec('PRAGMA user_version = 99')
  const said = await board.as('ana')('watch')
  expect(said.status).toBe(2)
  expect(said.stdout).toMatch(/unknown since .*: .* has schema version 98/)
  expect(said.stderr).toBe('presence: hint: upgrade presence\n')
})

it('who shows the sessions, the last seen first, with what they hold', async () => {
  const board = newBoard()
  const [ana, bob] = [board.as('ana'), board.as('bob')]
  await ana('claim', 'node:a', '--purpose', 'drain')
  await ana('claim', 'db:b', '--purpose', 'vacuum')
  await bob('claim', 'node:c', '--purpose', 'reboot')

  const { status, stdout, stderr } = await ana('who')
  expect([status, stderr]).toEqual([0, ''])
  const [heading, ...lines] = stdout.trimEnd().split('\n')
  expect(heading).toMatch(/^SESSION +WHO +AGENT +LAST SEEN +HOLDS$/)
  expect(lines).toEqual([
    expect.stringMatching(/^bob +[^@ ]+@[^@ ]+ +cli +(just now|\d+ s ago) +node:c$/),
    expect.stringMatching(/^ana \(me\) +[^@ ]+@[^@ ]+ +cli +(just now|\d+ s ago) +node:a, db:b$/),
  ])
})

it('who --json is an array with the documented keys', async () => {
  const board = newBoard()
  await board.as('ana')('claim', 'node:a', '--purpose', 'drain')
  expect(JSON.parse((await board.as('ana')('who', '--json')).stdout)).toEqual([
    {
      session_id: 'ana',
      agent_name: 'cli',
      user: expect.any(String),
      host: expect.any(String),
      place: { repo: null, branch: null, worktree: '/' },
      role: null,
      last_seen: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      seconds_since: expect.any(Number),
      state: 'live',
      stale: false,
      ended_at: null,
      is_me: true,
      holds: ['node:a'],
    },
  ])
})

it('who on an empty board says that there are no sessions, and in JSON is an empty array', async () => {
  const ana = newBoard().as('ana')
  expect(await ana('who')).toEqual({ status: 0, stdout: 'presence: no sessions\n', stderr: '' })
  expect((await ana('who', '--json')).stdout).toBe('[]\n')
})

it('G1: who notes co-claims on what I hold', async () => {
  const board = newBoard()
  await board.as('ana')('claim', 'node:a', '--purpose', 'drain')
  await board.as('bob')('claim', 'node:a', '--purpose', 'reboot')
  expect((await board.as('ana')('who')).stderr).toMatch(
    /note: node:a, which you hold, is also claimed by bob/,
  )
})
