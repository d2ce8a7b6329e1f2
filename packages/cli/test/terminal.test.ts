import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { until } from '../../../e2e/support/until.ts'

/** The screen of a terminal of this size after a script has run, without the prompt. */
async function screen(
  script: string,
  columns: number,
  env: Readonly<Record<string, string>>,
  colour: boolean,
) {
  const name = `presence-${process.pid}-${Math.random().toString(36).slice(2)}`
  const tmux = (...args: string[]) => execFileSync('tmux', ['-L', name, ...args], { encoding: 'utf8' })
  const set = Object.entries({ PATH: `${dirname(PRESENCE)}:${process.env['PATH']}`, ...env }).map(
    ([k, v]) => `${k}='${v}'`,
  )
  const command = `env -i TERM=screen-256color HOME=/nonexistent ${set.join(' ')} sh -c '${script}; echo END; cat'`
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', '40', command)
  onTestFinished(() => void tmux('kill-server'))
  const shown = () => tmux('capture-pane', '-p', ...(colour ? ['-e'] : []))
  const text = await until('the script to end', () => (shown().includes('END') ? shown() : undefined))
  return text.slice(0, text.indexOf('END')).replaceAll(/ +$/gm, '')
}

/** Replaces what differs from run to run by text of the same width. */
function steady(text: string): string {
  return text.replaceAll(/3 h (29|30) min/g, '3 h 30 min')
}

describe.each([40, 80, 200])('a terminal of %i columns', columns => {
  let env: Record<string, string>
  /** Makes the claims an hour old, by the same person, so that what is shown depends on no clock and no machine. */
  let age: () => void
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presence-tty-'))
    env = { PRESENCE_DSN: `sqlite:${folder}/board.db`, PRESENCE_SESSION_ID: 'ana@laptop' }
    for (const [session, label, purpose] of [
      ['ana@laptop', 'node:k8s-1', 'drain for the kernel upgrade'],
      ['bob@desk', 'db:orders', 'Индекс für die 数据库 neu anlegen 🦊'],
      ['agent-7', 'pvc:prometheus/prom-data', 'x'.repeat(300)],
      [
        'f47ac10b-58cc-4372-a567-0e02b2c3d479',
        'node:k8s-1',
        'restart the hung kubelet, then look at its log '.repeat(3),
      ],
    ] as const)
      await presence(['claim', label, '--purpose', purpose], {
        env: { ...env, PRESENCE_SESSION_ID: session },
      })
    age = () => {
      using board = new DatabaseSync(join(folder, 'board.db'), { timeout: 10_000 })
      // A thousandth of a second apart, in the order in which they were made.
      board.exec(`UPDATE presence_claims SET user = 'ana', host = 'laptop', agent_name = 'codex',
        claimed_at = ${Date.now()} - 3601000 + (SELECT COUNT(*) FROM presence_claims AS c WHERE c.rowid < presence_claims.rowid)`)
      board.exec('UPDATE presence_claims SET expires_at = claimed_at + 12601000 + 3601000')
    }
    return () => rmSync(folder, { recursive: true })
  })

  it.each([
    ['with colour', true, {}],
    ['under NO_COLOR', false, { NO_COLOR: '1' }],
  ])('shows the list %s', async (_, colour, more) => {
    age()
    const seen = steady(await screen('presence list', columns, { ...env, ...more }, colour))
    expect(seen).toMatchSnapshot()
    if (!colour) expect(seen).not.toContain('\u001b')
    for (const label of ['node:k8s-1', 'db:orders', 'pvc:']) expect(seen).toContain(label)
  })

  it('shows the log by day, with short times, in columns, and folded between words', async () => {
    const seen = await screen('presence log', columns, env, false)
    const [day, ...lines] = seen.trimEnd().split('\n')
    expect(day).toMatch(/^\d{4}-\d\d-\d\d UTC$/)
    const heads = lines.filter(line => /^\d\d:\d\d:\d\d {2}(claim|co-claim)\b/.test(line))
    expect(heads).toHaveLength(4)
    expect(seen.split(/\s+/).join(' ')).toContain(
      'restart the hung kubelet, then look at its log restart the',
    )
    const sessions = heads.flatMap(line => [
      ...line.matchAll(/ (ana@laptop|bob@desk|agent-7|f47ac10b)(?= |$)/g),
    ])
    if (columns >= 80) expect(new Set(sessions.map(({ index }) => index)).size).toBe(1)
    for (const line of lines.filter(each => !each.includes('xxx')))
      expect(line.length).toBeLessThanOrEqual(columns)
  })

  it('fits messages, components, work and the status into it', async () => {
    const dsn = env['PRESENCE_DSN']?.replace('board.db', 'work.db') ?? ''
    const own = { ...env, PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: 'eve' }
    const say = (...args: string[]) => presence([...args, '--session', 'ana@laptop'], { env: own })
    const long = 'x'.repeat(90)
    await say('message', 'send', '--to', 'eve', '--subject', `ready ${long}`, `two\n${long}`)
    await say('component', 'set', 'server', 'deployed', '0.3.0', '--project', 'shop', '--notes', long)
    await say('workflow', 'add', `Move the queue ${long}`, '--project', 'shop', '--id', 'queue')
    await say(
      'item',
      'add',
      `First ${long}`,
      '--workflow',
      'queue',
      '--id',
      'first',
      '--assign',
      'ana@laptop',
    )
    // Makes them hours old, so that a second more or less is not visible.
    const aged = new DatabaseSync(dsn.replace('sqlite:', ''), { timeout: 10_000 })
    for (const table of ['presence_components', 'presence_workflows'])
      aged.exec(`UPDATE ${table} SET updated_at = updated_at - 12601000`)
    aged.close()
    const verbs = [
      'message inbox',
      'status --project shop',
      'workflow list --project shop',
      'item list --project shop',
    ]
    for (const verb of verbs) {
      const seen = await screen(`presence ${verb}`, columns, own, false)
      if (verb !== 'message inbox') expect(steady(seen), verb).toMatchSnapshot()
      else
        expect(seen.match(/^=+$/gm)?.map(rule => rule.length)).toEqual(Array(3).fill(Math.min(60, columns)))
    }
  })

  it('breaks no line of the help in the middle of a word', async () => {
    expect(await screen('presence claim --help', columns, env, false)).toMatchSnapshot()
  })

  it('folds a co-claim with an indent', async () => {
    const own = { ...env, PRESENCE_SESSION_ID: 'eve' }
    const seen = await screen('presence peek node:k8s-1', columns, own, false)
    expect(seen).toContain('  - ana@laptop')
    for (const line of seen.trimEnd().split('\n').slice(1)) expect(line).toMatch(/^( {2}- | {4})\S/)
  })
})

it('an answer taller than the terminal goes through the pager, and a shorter one does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presence-tty-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const env = {
    PRESENCE_DSN: `sqlite:${folder}/board.db`,
    PRESENCE_SESSION_ID: 'ana',
    PRESENCE_PAGER: 'echo PAGED; cat | wc -l',
  }
  await presence(['claim', 'node:0', '--purpose', 'p'], { env })
  expect(await screen('presence list', 80, env, false)).not.toContain('PAGED')
  for (let at = 1; at < 45; at++) await presence(['claim', `node:${at}`, '--purpose', 'p'], { env })
  expect(await screen('presence list', 80, env, false)).toMatch(/^PAGED\n46\n/)
  expect((await presence(['list'], { env })).stdout.split('\n')).toHaveLength(47)
})
