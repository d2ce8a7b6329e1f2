import { describe, expect, it } from 'vitest'
import { presenceOn } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'

function newBoard() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  return { as: (session: string) => presenceOn(dsn, session) }
}

type Presence = ReturnType<typeof presenceOn>

/** Makes a claim of one second and waits until it has lapsed. */
async function lapse(as: Presence, label: string, ...args: string[]): Promise<void> {
  await as('claim', label, '--purpose', 'drain', '--ttl', '1', ...args)
  await until(`${label} to lapse`, async () =>
    (await as('list', '--lapsed', '--json')).stdout.includes(`"${label}"`),
  )
}

describe('what lapsed', () => {
  it('is listed separately in list and peek with purpose, last heartbeat and age, and shown to a session that claims the label', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await lapse(ana, 'node:a')
    const line =
      /lapsed without a release.*\n {2}- node:a: ana \(.*\): drain, last heartbeat .* UTC \(.*\), lapsed .*\n {2}once you have checked it: presence resolve <label> --note <text>\n$/
    expect((await bob('list')).stdout).toMatch(/^presence: no active claims\npresence: claims that lapsed/)
    expect((await bob('list')).stdout).toMatch(line)
    expect((await bob('peek', 'node:a')).stdout).toMatch(line)
    expect((await bob('list', '--json')).stdout, 'programs ask for it').toBe('[]\n')
    expect(JSON.parse((await bob('list', '--lapsed', '--json')).stdout)).toMatchObject([
      { session_id: 'ana', resource_label: 'node:a', ended: 'expired', last_heartbeat: expect.any(String) },
    ])
    const claimed = await bob('claim', 'node:a', '--purpose', 'look after it')
    expect(claimed.stderr).toMatch(
      /^presence: note: a claim lapsed without a release, and its work may be half done: node:a: ana/,
    )
  })

  it('is cleared by resolve, and its session is told the note', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await lapse(ana, 'node:a')
    expect((await bob('resolve', 'node:a', '--note', 'it was drained')).stdout).toMatch(
      /^presence: resolved node:a: ana \(drain\), lapsed .*\n$/,
    )
    expect((await bob('list')).stdout).toBe('presence: no active claims\n')
    expect((await ana('heartbeat')).stdout).toMatch(
      /your claim on node:a \(drain\) lapsed at .*; bob resolved it at .*: it was drained; nobody/,
    )
    expect((await bob('resolve', 'node:a', '--note', 'x')).stdout).toBe(
      'presence: nothing has lapsed on node:a\n',
    )
    expect(await bob('resolve', 'node:a')).toMatchObject({ status: 2, stdout: '' })
  })
})

describe('presence steal', () => {
  it('takes the label and says from whom, and tells the previous holder who took it and why at its next call', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'stack:gpu', '--exclusive', '--purpose', 'apply')
    const stolen = await bob('steal', 'stack:gpu', '--reason', 'its runner is gone')
    expect(stolen).toMatchObject({ status: 0, stderr: '' })
    expect(stolen.stdout).toMatch(
      /^presence: stole stack:gpu, token 2, until [-\d: ]+ UTC \(15 min\), from:\n {2}- ana \(.*\): apply, since/,
    )
    expect(stolen.stdout).toContain(
      'presence: your purpose there is the reason, because --purpose was not given\n',
    )
    for (const verb of [['list'], ['peek', 'node:z'], ['claim', 'node:z', '--purpose', 'x']])
      expect((await ana(...verb)).stderr, verb[0]).toMatch(
        /note: your exclusive claim on stack:gpu \(.*\) was stolen by bob/,
      )
    expect((await ana('heartbeat')).stdout).toMatch(
      /your exclusive claim on stack:gpu \(.*\) was stolen by bob at .*: its runner is gone; .*; stop/,
    )
    expect(await ana('verify', 'stack:gpu', '--token', '1')).toMatchObject({ status: 1 })
    expect(await ana('steal', 'node:none', '--reason', 'x')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/nobody holds node:none exclusively/),
    })
    expect(await ana('steal', 'stack:gpu'), 'steal needs a reason').toMatchObject({ status: 2 })
  })

  it('G7: exits 3 if the board does not answer', async () => {
    const nowhere = presenceOn('mysql://nobody@127.0.0.1:1/presence', 'ana')
    expect(await nowhere('steal', 'stack:gpu', '--reason', 'x')).toMatchObject({ status: 3, stdout: '' })
  })
})

describe('presence resolve', () => {
  it('says that nothing was resolved if the board does not answer', async () => {
    const nowhere = presenceOn('mysql://nobody@127.0.0.1:1/presence', 'ana')
    expect(await nowhere('resolve', 'stack:gpu', '--note', 'x')).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/\npresence: nothing was resolved\n/),
    })
  })
})

describe('presence log', () => {
  it('shows what happened to claims, one line each, filtered by label, session or time', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'node:a', '--purpose', 'drain')
    await bob('claim', 'node:a', '--purpose', 'reboot')
    await ana('release', 'node:a')
    await ana('claim', 'stack:gpu', '--exclusive', '--purpose', 'apply')
    await bob('steal', 'stack:gpu', '--reason', 'its runner is gone')
    const at = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`
    const lines = (await bob('log')).stdout.split('\n')
    expect(lines).toEqual([
      expect.stringMatching(`^${at}  claim     node:a     ana       drain$`),
      expect.stringMatching(`^${at}  co-claim  node:a     bob \\(me\\)  reboot  with ana$`),
      expect.stringMatching(`^${at}  release   node:a     ana       drain$`),
      expect.stringMatching(`^${at}  claim     stack:gpu  ana       apply  \\(exclusive, token 1\\)$`),
      expect.stringMatching(
        `^${at}  steal     stack:gpu  bob \\(me\\)  from ana: its runner is gone  \\(exclusive, token 2\\)$`,
      ),
      '',
    ])
    const events = async (...args: string[]) =>
      JSON.parse((await bob('log', '--json', ...args)).stdout).map((each: { event: string }) => each.event)
    expect(await events('node:a')).toEqual(['claim', 'co-claim', 'release'])
    expect(await events('--session', 'ana')).toEqual(['claim', 'co-claim', 'release', 'claim', 'steal'])
    expect(await events('--limit', '1')).toEqual(['steal'])
    expect((await bob('log', '--limit', '1')).stderr).toBe(
      'presence: note: earlier events were left out: --limit shows more\n',
    )
    expect(await events('--since', '1h', 'db:none')).toEqual([])
    expect((await bob('log', '--session', 'eve')).stdout).toBe('presence: no events of eve in that time\n')
    for (const bad of [['--limit', '0'], ['--limit', 'x'], ['--since', 'soon'], ['no-label']])
      expect(await bob('log', ...bad), bad.join(' ')).toMatchObject({ status: 2, stdout: '' })
  })
})
