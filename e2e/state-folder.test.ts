import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hook, ONE_FILE } from '../packages/hooks/test/hook-process.ts'
import { payload } from '../packages/hooks/test/hostile.ts'
import { presence } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'

const isRoot = process.getuid?.() === 0
/** Ids that no account has. */
const [ANA, EVE, TEAM] = [61_001, 61_003, 61_000]
const AWAY = 'mysql://ana@127.0.0.1:1/board'
const CLAIM = ['claim', 'node:a', '--purpose', 'p']

/** A state folder of ana's, in which everything that commands and hooks need exists. */
async function stateOfAna() {
  const home = scratchFolder()
  chmodSync(home, 0o755)
  chownSync(home, ANA, ANA)
  const env = { HOME: home, PRESENCE_SESSION_ID: 'ana' }
  const as = (args: readonly string[], more: Record<string, string> = {}, uid = ANA) =>
    presence(args, { uid, env: { ...env, ...more } })
  expect((await as(CLAIM)).status).toBe(0)
  expect((await as(CLAIM, { PRESENCE_DSN: AWAY })).stderr).toContain('it is queued')
  const state = join(home, '.local/state/presence')
  mkdirSync(join(state, 'hooks'), { mode: 0o700 })
  chownSync(join(state, 'hooks'), ANA, ANA)
  return { home, state, as, queue: join(state, 'queue'), hooks: join(state, 'hooks') }
}

type State = Awaited<ReturnType<typeof stateOfAna>>

/** Everything below a folder, with owners. */
function contentOf(folder: string): string {
  return execFileSync('find', [folder, '-printf', '%P %y %U %m %l\n'], { encoding: 'utf8' })
}

function giveAway(path: string): void {
  execFileSync('chown', ['-hR', `${EVE}:${EVE}`, path])
  execFileSync('chmod', ['-R', 'a+rwX', path])
}

const THEIRS: readonly (readonly [name: string, change: (state: State) => void])[] = [
  ['that another user owns', ({ state }) => giveAway(state)],
  [
    'that is a link to another user’s folder',
    ({ state, home }) => {
      execFileSync('mv', [state, join(home, 'elsewhere')])
      giveAway(join(home, 'elsewhere'))
      symlinkSync(join(home, 'elsewhere'), state)
      execFileSync('chown', ['-h', `${ANA}`, state])
    },
  ],
  [
    'that is another user’s link to one’s own folder',
    ({ state, home }) => {
      execFileSync('mv', [state, join(home, 'elsewhere')])
      symlinkSync(join(home, 'elsewhere'), state)
      execFileSync('chown', ['-h', `${EVE}`, state])
    },
  ],
]

describe.skipIf(!isRoot)('a state folder', () => {
  it.each(THEIRS)('%s is not used: no embedded board, no outbox, no file of a hook', async (_, change) => {
    const ana = await stateOfAna()
    change(ana)
    const before = contentOf(ana.home)

    for (const verb of [CLAIM, ['list'], ['heartbeat'], ['migrate']]) {
      const said = await ana.as(verb)
      expect(said, verb.join(' ')).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr).toMatch(/the embedded board is not used: .* belongs to another user \(uid 61003\)/)
      expect(said.stderr).toMatch(/^presence: hint: .*XDG_STATE_HOME/m)
    }
    const queued = await ana.as(CLAIM, { PRESENCE_DSN: AWAY })
    expect(queued.stderr).toMatch(/note: the outbox in .* can't be used, .* belongs to another user/)
    expect(queued.stderr).not.toContain('it is queued')
    const file = join(scratchFolder(), 'board.db')
    chmodSync(join(file, '..'), 0o777)
    expect(await ana.as(CLAIM, { PRESENCE_DSN: `sqlite:${file}` })).toMatchObject({ status: 0, stderr: '' })
    const looked = await ana.as(['doctor'], { PRESENCE_DSN: `sqlite:${file}` })
    expect(looked.stdout).toMatch(
      /broken {2}folders: .* belongs to another user \(uid 61003\).*to fix it: choose a folder/,
    )
    expect(contentOf(ana.home)).toBe(before)
  })

  it('inside which another user made a folder has the rest of it used', async () => {
    const ana = await stateOfAna()
    giveAway(ana.queue)
    expect(await ana.as(['list'])).toMatchObject({ status: 0, stderr: '' })
    expect((await ana.as(CLAIM, { PRESENCE_DSN: AWAY })).stderr).toMatch(/the outbox in .* can't be used/)
  })

  it('has no entry delivered that another user put into the outbox', async () => {
    const ana = await stateOfAna()
    const name = readdirSync(ana.queue).find(each => each.endsWith('.jsonl')) ?? ''
    chownSync(join(ana.queue, name), EVE, EVE)
    chmodSync(join(ana.queue, name), 0o666)
    const said = await ana.as(['sync'], { PRESENCE_DSN: AWAY })
    expect(said.stderr).toMatch(/jsonl belongs to another user \(uid 61003\)[\s\S]*move it away/)
    expect((await ana.as(['doctor'], { PRESENCE_DSN: AWAY })).stdout).toMatch(
      /broken {2}outbox: .*belongs to another user/,
    )
  })

  it.each([
    ['a link', (path: string) => symlinkSync('/etc/hostname', path)],
    ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
  ])('with %s in the place of the outbox’s files reports it, and follows no link', async (_, make) => {
    const ana = await stateOfAna()
    const [name = ''] = readdirSync(ana.queue).filter(each => each.endsWith('.jsonl'))
    const board = name.replace(/(\.taken)?\.jsonl$/, '')
    for (const part of ['.lock', '.replay.lock', '.damaged.jsonl', '.jsonl']) {
      const path = join(ana.queue, board + part)
      execFileSync('rm', ['-rf', path])
      make(path)
      const said = await ana.as(CLAIM, { PRESENCE_DSN: AWAY })
      expect(said.stderr, part).toMatch(/note: the outbox in .* is not a file/)
      execFileSync('rm', ['-rf', path])
    }
    for (const part of ['.breaker', '.failures', '.breaker.probe']) {
      execFileSync('rm', ['-rf', join(ana.queue, board + part)])
      make(join(ana.queue, board + part))
    }
    expect((await ana.as(CLAIM, { PRESENCE_DSN: AWAY })).status).toBe(0)
    expect(readFileSync('/etc/hostname', 'utf8')).not.toContain('{')
  })

  /** What others can do, by mode, group and sticky bit; `told` if it is reported. */
  const MODES: readonly (readonly [mode: number, gid: number, told: RegExp | undefined])[] = [
    [0o700, ANA, undefined],
    [0o755, ANA, undefined],
    [0o755, TEAM, undefined],
    [0o775, ANA, undefined],
    [0o770, 0, undefined],
    [0o775, TEAM, /group 61000 can write to/],
    [0o2770, TEAM, /group 61000 can write to/],
    [0o777, ANA, /every user can write to/],
    [0o1777, ANA, /every user can write to/],
  ]
  it.each(MODES)(
    'of mode %o and group %i: others who can write to it are told of: %s',
    async (mode, gid, told) => {
      const ana = await stateOfAna()
      chownSync(ana.state, ANA, gid)
      chmodSync(ana.state, mode)
      const said = await ana.as(['list'])
      expect(said.status).toBe(0)
      expect(said.stdout).toContain('node:a')
      const looked = await ana.as(['doctor'])
      if (!told) {
        expect(said.stderr).toBe('')
        expect(looked.stdout).toMatch(/ok {6}folders: only you can write/)
      } else {
        expect(said.stderr).toMatch(told)
        expect(said.stderr).toMatch(/^presence: hint: run: chmod go-w/m)
        expect(looked.stdout).toMatch(
          new RegExp(`note {4}folders: ${told.source}.*to fix it: run: chmod go-w`),
        )
      }
    },
  )

  it.each([
    [0o777, /note {4}folders: every user can replace .*because .* is writable for them/],
    [0o1777, /ok {6}folders/],
    [0o775, /ok {6}folders/],
  ])(
    '%#: below a folder in which others may rename it is reported by doctor, and used',
    async (mode, told) => {
      const ana = await stateOfAna()
      chmodSync(join(ana.home, '.local'), mode)
      expect(await ana.as(['list'])).toMatchObject({ status: 0, stderr: '' })
      expect((await ana.as(['doctor'])).stdout).toMatch(told)
    },
  )

  it('of the user whose HOME root has is used by root', async () => {
    const ana = await stateOfAna()
    const said = await ana.as(['list'], {}, 0)
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toContain('node:a')
  })
})

describe.skipIf(!isRoot)('a hook', () => {
  const EVENTS = ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'SessionEnd']
  /** Runs the hooks as ana, with both launchers. */
  async function run(home: string, shell: readonly string[] = []) {
    const env = { HOME: home, CLAUDE_CODE_SESSION_ID: 's1', PRESENCE_DSN: `sqlite:${home}/board.db` }
    const as = ['setpriv', `--reuid=${ANA}`, `--regid=${ANA}`, '--clear-groups', ...shell]
    for (const launcher of [undefined, ONE_FILE])
      for (const event of EVENTS) {
        const said = await hook({
          args: [event],
          input: payload(),
          env,
          shell: as,
          ...(launcher ? { launcher } : {}),
        })
        expect(said.status, event).toBe(0)
      }
  }

  /** A file that a link would make presence empty or change. */
  function victimIn(home: string): string {
    const victim = join(home, 'keys')
    writeFileSync(victim, 'my keys\n')
    chownSync(victim, ANA, ANA)
    return victim
  }

  it.each([['dash'], ['bash'], ['busybox', 'sh']])(
    'writes through no link in a folder that another user owns (%s)',
    async (...shell) => {
      const ana = await stateOfAna()
      const victim = victimIn(ana.home)
      writeFileSync(join(ana.hooks, 's1.due'), '')
      utimesSync(join(ana.hooks, 's1.due'), new Date(), new Date(Date.now() + 60_000))
      for (const part of ['now', 'beat', 'line', 'once', 'shown'])
        symlinkSync(victim, join(ana.hooks, `s1.${part}`))
      giveAway(ana.hooks)
      chownSync(victim, ANA, ANA)
      await run(ana.home, shell)
      expect(readFileSync(victim, 'utf8')).toBe('my keys\n')
      expect(existsSync(join(ana.hooks, 's1.lock'))).toBe(false)
    },
  )

  it('writes through no link in a folder of one’s own that everybody may write to', async () => {
    const ana = await stateOfAna()
    const victim = victimIn(ana.home)
    chmodSync(ana.hooks, 0o777)
    writeFileSync(join(ana.hooks, 's1.due'), '')
    utimesSync(join(ana.hooks, 's1.due'), new Date(), new Date(Date.now() + 60_000))
    for (const part of ['now', 'beat', 'line', 'once', 'shown'])
      symlinkSync(victim, join(ana.hooks, `s1.${part}`))
    await run(ana.home)
    expect(readFileSync(victim, 'utf8')).toBe('my keys\n')
  })
})
