import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openBoard } from '@presence/core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { has, Terminal } from '../../../e2e/support/terminal.ts'

/** A label is text from others: this one would create a file if a shell ever expanded it. */
const HOSTILE = 'db:$(touch PWNED)`touch PWNED`'

let folder: string
let env: Record<string, string>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'presence-completion-'))
  env = {
    PRESENCE_DSN: `sqlite:${folder}/board.db`,
    PRESENCE_SESSION_ID: 'ana@laptop@1',
    PATH: `${dirname(PRESENCE)}:${process.env['PATH']}`,
    HOME: folder,
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? folder, '.cache'),
  }
  for (const [label, session] of [
    ['node:k8s-1', 'ana@laptop@1'],
    ['pvc:prod/data', 'bob@desk@2'],
    [HOSTILE, 'eve'],
  ] as const) {
    // Not with the command, which refuses new labels with blanks.
    await using board = await openBoard({ dsn: env['PRESENCE_DSN'] ?? '', session, env: {} })
    await board.claim(label, { purpose: 'drain' })
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function complete(...words: string[]): Promise<readonly string[]> {
  const said = await presence(['complete', '--', ...words], { env, cwd: folder })
  expect(said).toMatchObject({ status: 0, stderr: '' })
  return said.stdout.split('\n').filter(line => line !== '')
}

const valuesOf = async (...words: string[]) => (await complete(...words)).map(line => line.split('\t')[0])

describe('completion offers', () => {
  it('labels: all labels for peek and watch, own labels for release, kinds as well for claim', async () => {
    expect(await valuesOf('peek', '')).toEqual(['node:k8s-1', 'pvc:prod/data', HOSTILE])
    expect(await valuesOf('watch', '')).toEqual(await valuesOf('peek', ''))
    expect(await valuesOf('release', '')).toEqual(['node:k8s-1'])
    expect(await valuesOf('claim', 'no')).toEqual(['node:', 'node:k8s-1'])
    expect(await valuesOf('peek', 'node:k8s-1', '')).toEqual(['pvc:prod/data', HOSTILE])
    expect(await valuesOf('watch', 'node:k8s-1', '')).toEqual([])
  })

  it('the holder and purpose of a label as its description', async () => {
    expect(await complete('peek', 'pvc:')).toEqual(['pvc:prod/data\tbob@desk@2: drain'])
  })

  it('nothing from the board that the command would read as an option or refuse', async () => {
    const dsn = `sqlite:${folder}/odd.db`
    await presence(['claim', 'node:good', '--purpose', 'p', '--session', 'ana'], {
      env: { ...env, PRESENCE_DSN: dsn },
    })
    using db = new DatabaseSync(`${folder}/odd.db`)
    const row = db.prepare(`INSERT INTO presence_claims
      (session_id, resource_label, purpose, claimed_at, expires_at, host, user)
      VALUES (?, ?, 'p', unixepoch() * 1000, unixepoch() * 1000 + 900000, 'h', 'u')`)
    for (const label of ['--dsn=x', '-rf', 'no kind', 'nod:a', 'node:', 'pvc:a', 'db:e\u0301'])
      row.run('eve', label)
    row.run('-rf', 'node:of-dash')
    row.run('--json', 'node:of-dash')

    const offered = ['node:good', 'node:of-dash']
    const sorted = async (...words: string[]) => (await valuesOf('--dsn', dsn, ...words)).toSorted()
    expect(await sorted('peek', '')).toEqual(offered)
    expect(await sorted('peek', '--', '')).toEqual(offered)
    expect(await sorted('list', '--session', '')).toEqual(['ana', 'eve'])
    expect(await valuesOf('list', '--dsn', dsn, '--session=-')).toEqual([])
  })

  it('sessions, as the next word and after an =', async () => {
    expect(await valuesOf('list', '--session', 'b')).toEqual(['bob@desk@2'])
    expect(await valuesOf('list', '--session=b')).toEqual(['--session=bob@desk@2'])
  })

  it('the labels of the session and board that the line names', async () => {
    expect(await valuesOf('release', '--session', 'bob@desk@2', '')).toEqual(['pvc:prod/data'])
    expect(await valuesOf('peek', '--dsn', `sqlite:${folder}/none.db`, '')).toEqual([])
  })

  it('nothing if the board does not answer: silently, within its deadline, with exit 0', async () => {
    const silent = createServer(() => {})
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    for (const dsn of [
      `mysql://127.0.0.1:${port}/b`,
      'mysql://127.0.0.1:1/b',
      'nothing',
      'sqlite:/proc/b.db',
    ])
      expect(
        await presence(['complete', '--', 'peek', ''], { env: { ...env, PRESENCE_DSN: dsn }, within: 1_800 }),
        dsn,
      ).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('verbs and kinds even if the board does not answer', async () => {
    const options = { env: { ...env, PRESENCE_DSN: 'mysql://127.0.0.1:1/b' } }
    expect((await presence(['complete', '--', 'pe'], options)).stdout).toMatch(/^peek\t.*\n$/)
    expect((await presence(['complete', '--', 'claim', 'nod'], options)).stdout).toMatch(/^node:\t.*\n$/)
  })

  it('labels without creating a board that doesn’t exist', async () => {
    const state = mkdtempSync(join(tmpdir(), 'presence-completion-'))
    onTestFinished(() => rmSync(state, { recursive: true }))
    const said = await presence(['complete', '--', 'peek', ''], { env: { XDG_STATE_HOME: state } })
    expect(said).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(readdirSync(state)).toEqual([])
  })
})

const SHELLS = {
  bash: { start: 'bash --norc --noprofile', load: 'eval "$(presence completion bash)"' },
  zsh: { start: 'zsh -f', load: 'autoload -Uz compinit; compinit -u; source <(presence completion zsh)' },
  fish: { start: 'fish --no-config', load: 'presence completion fish | source' },
} as const

describe.each(Object.entries(SHELLS))('in %s', (shell, { start, load }) => {
  const here = has(shell) && has('tmux')

  it.skipIf(!has(shell))('the script has no syntax error', async () => {
    const { stdout } = await presence(['completion', shell])
    const file = join(folder, `script.${shell}`)
    writeFileSync(file, stdout)
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  async function loaded(): Promise<Terminal> {
    const terminal = new Terminal(start, env, folder)
    onTestFinished(() => terminal[Symbol.dispose]())
    // The typed line doesn't contain `ready`, so only the output matches.
    terminal.type(`${load}; echo rea''dy`, 'Enter')
    await terminal.shows('ready')
    return terminal
  }

  it.skipIf(!here).each([
    ['a verb', 'presence hea', 'presence heartbeat'],
    ['an option', 'presence claim node:k8s-1 --pur', 'presence claim node:k8s-1 --purpose'],
    ['a label behind its colon', 'presence peek node:k', 'presence peek node:k8s-1'],
    ['a label from its start', 'presence peek n', 'presence peek node:k8s-1'],
    ['a label in quotes', 'presence peek "node:k', 'presence peek "node:k8s-1"'],
    ['a kind, and no space behind it', 'presence claim st', /presence claim stack:$/m],
    ['a session with an @ in it', 'presence list --session bob@', 'presence list --session bob@desk@2'],
    ['a session behind an =', 'presence list --session=b', 'presence list --session=bob@desk@2'],
    ['a shell', 'presence completion z', 'presence completion zsh'],
  ])('completes %s', async (_, typed, line) => {
    const terminal = await loaded()
    terminal.type(typed, 'Tab')
    await terminal.shows(line)
  })

  it.skipIf(!here)('runs nothing from a label, and passes the label on whole', async () => {
    const terminal = await loaded()
    terminal.type('presence peek db:', 'Tab')
    await terminal.shows(/presence peek db:.*touch.*PWNED/)
    terminal.type('', 'Enter')
    await terminal.shows(`active claims on ${HOSTILE}`)
    expect(existsSync(join(folder, 'PWNED'))).toBe(false)
  })

  it.skipIf(!here)('runs nothing from the line being typed', async () => {
    const terminal = await loaded()
    terminal.type(`presence claim node:a --purpose "$(touch PWNED)" --tt`, 'Tab')
    await terminal.shows(/--ttl/)
    expect(existsSync(join(folder, 'PWNED'))).toBe(false)
  })
})
