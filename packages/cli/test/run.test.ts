import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE, presence, presenceOn } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { untilThere, Wrapped } from '../../../e2e/support/wrapped.ts'

/** A board of the test's own: verbs and runs on it, as any session. */
function newBoard() {
  const folder = scratchFolder()
  const dsn = `sqlite:${folder}/board.db`
  const env = { PRESENCE_DSN: dsn, PATH: `${dirname(PRESENCE)}:${process.env['PATH']}` }
  return {
    folder,
    dsn,
    as: (session: string) => presenceOn(dsn, session),
    /** Runs to the end. */
    run: (session: string, ...args: string[]) =>
      presence(['run', ...args], { env: { ...env, PRESENCE_SESSION_ID: session } }),
    /** Goes on until the command ends. */
    start: (session: string, ...args: string[]) =>
      new Wrapped(args, { ...env, PRESENCE_SESSION_ID: session }),
  }
}

const SHARED = ['--claim', 'node:a', '--purpose', 'drain'] as const
const ALONE = [...SHARED, '--exclusive'] as const

describe('presence run', () => {
  it('holds the claim while the command runs, ends with its status, and leaves nothing behind', async () => {
    const board = newBoard()
    const said = await board.run('ana', ...SHARED, '--', 'sh', '-c', 'presence list; exit 7')
    expect(said.status).toBe(7)
    expect(said.stdout).toMatch(/^LABEL .*\nnode:a +ana \(me\) +drain .*\n$/)
    expect(said.stderr).toBe('')
    expect((await board.as('ana')('list', '--json')).stdout).toBe('[]\n')
  })

  it('leaves standard output to the command, with --json too', async () => {
    const board = newBoard()
    await board.as('bob')('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    const env = { PRESENCE_DSN: board.dsn }
    const as = (...args: string[]) => presence(['--json', ...args], { env })
    expect((await as('run', ...SHARED, '--', 'echo', 'its own')).stdout).toBe('its own\n')
    expect((await as('run', ...SHARED, '--claim', 'node:b', 'true')).stdout).toBe('')
    expect((await as('run', ...SHARED, '--nonsense', 'true')).stdout).toBe('')
    expect((await as('run', ...SHARED)).stdout).toBe('')
  })

  it.each([
    ['behind --', ['--', 'echo', '--json', '--help', '--dsn', 'x', '-x', '--', 'y']],
    ['without one', ['echo', '--json', '--help', '--dsn', 'x', '-x', '--', 'y']],
  ])('takes no option of the command for its own, %s', async (_, command) => {
    const said = await newBoard().run('ana', ...SHARED, ...command)
    expect(said).toMatchObject({ status: 0, stdout: '--json --help --dsn x -x -- y\n' })
  })

  it('takes the global options before and behind the verb', async () => {
    const dsn = `sqlite:${scratchFolder()}/board.db`
    const list = ['presence', 'list', '--mine', '--json']
    const env = { PATH: `${dirname(PRESENCE)}:${process.env['PATH']}` }
    for (const args of [
      ['--dsn', dsn, '--session', 'ana', 'run', ...SHARED, ...list],
      ['run', '--dsn', dsn, ...SHARED, '--session', 'ana', '--', ...list],
      ['--session', 'bob', '--strict', 'run', `--dsn=${dsn}`, '--session=ana', ...SHARED, ...list],
    ]) {
      const said = await presence(args, { env })
      expect(JSON.parse(said.stdout), args.join(' ')).toMatchObject([{ session_id: 'ana', purpose: 'drain' }])
    }
  })

  it.each([
    ['127 where it is not found', ['no-such-command'], 127, /no-such-command: command not found/],
    ['126 where it may not be run', ['/etc/passwd'], 126, /can't be run \(EACCES\)/],
    ['126 where its interpreter is not there', ['SCRIPT'], 126, /its interpreter is not there/],
    ['128 and the number of the signal that ended it', ['sh', '-c', 'kill -KILL $$'], 137, /^$/],
  ])('ends with %s', async (_, command, status, stderr) => {
    const board = newBoard()
    const script = `${board.folder}/script`
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 })
    const said = await board.run('ana', ...SHARED, ...command.map(word => word.replace('SCRIPT', script)))
    expect(said).toMatchObject({ status, stderr: expect.stringMatching(stderr) })
    expect((await board.as('ana')('list', '--json')).stdout).toBe('[]\n')
  })

  it.each([
    ['no command', SHARED, /takes a command/, /presence run --claim/],
    ['no claim', ['--purpose', 'p', 'touch', 'ran'], /at least one --claim/, /presence run --claim/],
    ['no purpose', ['--claim', 'node:a', 'touch', 'ran'], /needs a purpose/, /--purpose/],
    ['a bad label', [...SHARED, '--claim', 'nod:b', 'touch', 'ran'], /no known kind/, /node:b/],
    ['a bad ttl', [...SHARED, '--ttl', 'soon', 'touch', 'ran'], /ttl "soon"/, /15m/],
    ['a bad wait', [...SHARED, '--wait', 'soon', 'touch', 'ran'], /--wait takes a duration/, /10m/],
    ['a wait of two days', [...SHARED, '--wait', '48h', 'touch', 'ran'], /at most a day/, /10m/],
    ['--over-shared alone', [...SHARED, '--over-shared', 'touch', 'ran'], /--over-shared/, /--exclusive/],
    ['--kill-on-loss alone', [...SHARED, '--kill-on-loss', 'touch', 'ran'], /--kill-on-loss/, /--exclusive/],
    ['--kill-after alone', [...ALONE, '--kill-after', '1', 'touch', 'ran'], /--kill-after/, /--kill-on-loss/],
    ['an unknown option', [...SHARED, '--exclusiv', 'touch', 'ran'], /unknown option/, /--help/],
  ])('refuses %s with exit 2 and a remedy, and runs nothing', async (_, args, message, remedy) => {
    const folder = scratchFolder()
    const state = scratchFolder()
    const said = await presence(['run', ...args], { cwd: folder, env: { XDG_STATE_HOME: state } })
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(message)
    expect(said.stderr).toMatch(remedy)
    expect(readdirSync(folder)).toEqual([])
  })

  it('G1: names whoever is there already, and once each whoever comes', async () => {
    const board = newBoard()
    const [bob, eve] = [board.as('bob'), board.as('eve')]
    await bob('claim', 'node:a', '--purpose', 'reboot')
    const done = `${board.folder}/done`
    const run = board.start('ana', ...SHARED, '--ttl', '2', '--', 'sh', '-c', untilThere(done))
    await run.says(/claimed node:a -- ALSO CLAIMED BY:\n {2}- bob .*reboot/)
    await eve('claim', 'node:a', '--purpose', 'repair')
    await run.says(/note: node:a, which you hold, is also claimed by eve \(repair/)
    await eve('claim', 'node:a', '--purpose', 'repair')
    await board.as('ivy')('claim', 'node:a', '--purpose', 'look')
    await run.says(/ivy \(look/)
    writeFileSync(done, '')
    expect(await run.ended()).toBe(0)
    for (const name of ['bob', 'eve', 'ivy'])
      expect(run.stderr.match(new RegExp(`${name} \\(`, 'g')), name).toHaveLength(1)
  })
})

describe('what presence run tells its command', () => {
  it('is the session, the board that --dsn names, and no token where the claim is shared', async () => {
    const board = newBoard()
    const said = await presence(
      [
        'run',
        '--dsn',
        board.dsn,
        '--session',
        'ana',
        ...SHARED,
        '--',
        'sh',
        '-c',
        'env | grep ^PRESENCE | sort',
      ],
      { env: { PRESENCE_DSN: 'sqlite:/other.db', PRESENCE_TOKENS: 'node:a=5', PRESENCE_TOKEN: '5' } },
    )
    expect(said.stdout).toBe(`PRESENCE_DSN=${board.dsn}\nPRESENCE_SESSION_ID=ana\n`)
  })

  it('is each label’s token, the first in the order given, which verify takes from there', async () => {
    const board = newBoard()
    for (let at = 0; at < 2; at++) await board.run('eve', ...ALONE, 'true')
    const script = `echo $PRESENCE_TOKEN / $PRESENCE_TOKENS; presence verify "infra:b c"; presence verify node:a`
    const labels = ['--claim', 'node:a', '--claim', 'infra:b c', '--claim', 'node:a']
    const said = await board.run('ana', ...labels, '--purpose', 'p', '--exclusive', '--', 'sh', '-c', script)
    expect(said.stdout).toBe(
      '3 / node:a=3 infra:b c=1\npresence: token 1 on infra:b c is current\npresence: token 3 on node:a is current\n',
    )
  })

  it('keeps the tokens of a run around it', async () => {
    const board = newBoard()
    const inner = ['presence', 'run', '--claim', 'node:b', '--purpose', 'p', '--exclusive', '--']
    const said = await board.run('ana', ...ALONE, ...inner, 'sh', '-c', 'echo $PRESENCE_TOKENS')
    expect(said.stdout).toBe('node:b=1 node:a=1\n')
  })

  it('is not another label’s token: verify then exits 2 with a remedy', async () => {
    const board = newBoard()
    const said = await board.run('ana', ...ALONE, 'presence', 'verify', 'node:b')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(/no.* for it in PRESENCE_TOKENS.*\npresence: hint: give --token/)
    const bare = await board.as('ana')('verify', 'node:a', '--json')
    expect(bare.status).toBe(2)
    expect(JSON.parse(bare.stdout)).toMatchObject({ error: { code: 'usage' } })
  })
})

it('an exclusive run over shared claims names whose they are', async () => {
  const board = newBoard()
  await board.as('bob')('claim', 'node:a', '--purpose', 'reboot')
  expect(await board.run('ana', ...ALONE, 'true')).toMatchObject({ status: 1 })
  const said = await board.run('ana', ...ALONE, '--over-shared', 'true')
  expect(said.status).toBe(0)
  expect(said.stderr).toMatch(/exclusively, token \d+ -- OVER SHARED CLAIMS OF:\n {2}- bob .*reboot/)
})

describe('several labels are taken all or none', () => {
  it('where one is refused the others go, nothing is run, and the holder is named: exit 1', async () => {
    const board = newBoard()
    await board.as('bob')('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    const ran = `${board.folder}/ran`
    for (const mode of [[], ['--exclusive']]) {
      const labels = ['--claim', 'node:c', '--claim', 'node:b', '--claim', 'node:a']
      const said = await board.run('ana', ...labels, '--purpose', 'p', ...mode, '--', 'touch', ran)
      expect(said).toMatchObject({ status: 1, stdout: '' })
      expect(said.stderr).toMatch(
        /presence: node:b is held exclusively by bob\npresence: hint: .*\n {2}- bob \(.*\): apply, since .*, 1[45] min left, exclusive\npresence: the command was not run\n$/,
      )
      const held = JSON.parse((await board.as('ana')('list', '--json')).stdout)
      expect(held).toMatchObject([{ resource_label: 'node:b', session_id: 'bob' }])
    }
    expect(existsSync(ran)).toBe(false)
  })

  it.each([['--exclusive'], []])(
    'G4: runs that name them in any order wait for each other, and none for ever (%s)',
    async (...mode) => {
      const board = newBoard()
      const log = `${board.folder}/log`
      const script = `echo begin >> ${log}; sleep 0.1; echo end >> ${log}`
      const runs = [0, 1, 2, 3].map(at => {
        const labels = at % 2 === 0 ? ['node:a', 'node:b'] : ['node:b', 'node:a']
        const claims = labels.flatMap(label => ['--claim', label])
        return board.start(
          `s${at}`,
          ...claims,
          '--purpose',
          'p',
          ...mode,
          '--wait',
          '50s',
          '--',
          'sh',
          '-c',
          script,
        )
      })
      expect(await Promise.all(runs.map(run => run.ended())), runs.map(run => run.stderr).join()).toEqual([
        0, 0, 0, 0,
      ])
      if (mode.length > 0) expect(readFileSync(log, 'utf8')).toBe('begin\nend\n'.repeat(4))
      expect((await board.as('s0')('list', '--json')).stdout).toBe('[]\n')
    },
  )

  it('a shared run waits for whoever holds a label alone, and says so', async () => {
    const board = newBoard()
    const bob = board.as('bob')
    await bob('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    const run = board.start('ana', ...SHARED, '--claim', 'node:b', '--wait', '50s', '--', 'echo', 'ran')
    await run.says(/waiting for node:b, which is held by bob \(apply, since .*; .* left to wait/)
    expect((await bob('peek', 'node:a')).stdout, 'what it has it keeps').toContain('ana')
    await bob('release', 'node:b')
    await run.says('claimed node:b\n')
    expect(await run.ended()).toBe(0)
    expect(run.stdout).toBe('ran\n')
  })

  it('waits for the same label first in whatever order they are named, and holds none behind that one', async () => {
    const board = newBoard()
    const bob = board.as('bob')
    await bob('claim', 'node:a', '--exclusive', '--purpose', 'apply')
    for (const [at, labels] of [
      ['node:b', 'node:a'],
      ['node:a', 'node:b'],
    ].entries()) {
      const claims = labels.flatMap(label => ['--claim', label])
      const run = board.start(`s${at}`, ...claims, '--purpose', 'p', '--exclusive', '--wait', '50s', 'true')
      await run.says(/waiting for node:a, which is held by bob/)
    }
    expect(JSON.parse((await bob('peek', 'node:b', '--json')).stdout)).toEqual([])
  })

  it('is refused as before once the wait is over', async () => {
    const board = newBoard()
    await board.as('bob')('claim', 'node:a', '--exclusive', '--purpose', 'apply')
    const said = await board.run('ana', ...SHARED, '--wait', '1s', '--', 'echo', 'ran')
    expect(said).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('not run') })
  })
})

describe('what the session held before', () => {
  const before = async (board: ReturnType<typeof newBoard>) => {
    await board.as('ana')('claim', 'node:a', '--purpose', 'the whole day', '--ttl', '8h')
    const [claim] = JSON.parse((await board.as('ana')('list', '--json')).stdout)
    return claim
  }

  it.each([
    ['shared', SHARED],
    ['exclusive', ALONE],
  ])('it holds after a %s run, for the same purpose and ttl', async (mode, args) => {
    const board = newBoard()
    const { purpose, ttl_seconds } = await before(board)
    const said = await board.run('ana', ...args, '--claim', 'node:b', '--', 'presence', 'list', '--json')
    expect(JSON.parse(said.stdout)).toMatchObject([
      { purpose: 'drain', mode },
      { purpose: 'drain', mode },
    ])
    expect(JSON.parse((await board.as('ana')('list', '--json')).stdout)).toMatchObject([
      { resource_label: 'node:a', purpose, ttl_seconds, mode: 'shared' },
    ])
  })

  it('it holds after a run that was refused', async () => {
    const board = newBoard()
    await before(board)
    await board.as('bob')('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    for (const args of [SHARED, ALONE]) {
      expect(await board.run('ana', ...args, '--claim', 'node:b', 'true')).toMatchObject({ status: 1 })
      const held = JSON.parse((await board.as('ana')('list', '--mine', '--json')).stdout)
      expect(held).toMatchObject([{ resource_label: 'node:a', purpose: 'the whole day', mode: 'shared' }])
    }
  })

  it('it does not hold where the command has released it', async () => {
    const board = newBoard()
    await before(board)
    await board.run('ana', ...SHARED, '--', 'presence', 'release', 'node:a')
    expect((await board.as('ana')('list', '--json')).stdout).toBe('[]\n')
  })

  it('an exclusive claim of its own is neither taken again nor released', async () => {
    const board = newBoard()
    await board.as('ana')('claim', 'node:a', '--exclusive', '--purpose', 'apply')
    expect(await board.run('ana', ...ALONE, 'true')).toMatchObject({ status: 1 })
    expect(await board.run('ana', ...SHARED, 'true')).toMatchObject({ status: 0 })
    expect((await board.as('ana')('verify', 'node:a', '--token', '1')).status).toBe(0)
  })
})

describe('G7: where the board gives no answer', () => {
  const env = () => ({ PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence', XDG_STATE_HOME: scratchFolder() })

  it('a shared run warns once and runs the command; claim and release are queued', async () => {
    const said = await presence(['run', ...SHARED, '--claim', 'node:b', '--', 'echo', 'ran'], { env: env() })
    expect(said).toMatchObject({ status: 0, stdout: 'ran\n' })
    expect(said.stderr.match(/presence: warning: dolt unreachable/g)).toHaveLength(1)
    expect(said.stderr).toMatch(/unknown since .*\n.*it is queued and goes out at the next contact/)
    expect(said.stderr).toMatch(/node:a could not be released: .*; its release is queued/)
  })

  it.each([['--strict'], ['--exclusive']])('%s exits 3, runs nothing and queues nothing', async flag => {
    const said = await presence(['run', ...SHARED, flag, '--', 'echo', 'ran'], { env: env() })
    expect(said).toMatchObject({ status: 3, stdout: '' })
    expect(said.stderr).toMatch(/^presence: error: dolt unreachable/)
    expect(said.stderr).not.toMatch(/queued/)
  })
})

describe('the command’s output', () => {
  it('passes untouched: a gigabyte of it', async () => {
    const board = newBoard()
    const said = await presence(
      [
        'run',
        ...SHARED,
        '--',
        'sh',
        '-c',
        `"$0" run --claim node:b --purpose p -- head -c 1G /dev/zero | wc -c`,
        PRESENCE,
      ],
      { env: { PRESENCE_DSN: board.dsn }, within: 50_000 },
    )
    expect(said.stdout.trim()).toBe(String(2 ** 30))
  })

  it('holds up nobody where the command leaves a process behind that keeps it open', async () => {
    const board = newBoard()
    const left = `${board.folder}/left`
    const run = board.start(
      'ana',
      ...SHARED,
      '--',
      'sh',
      '-c',
      `(${untilThere(left)}; echo late) & echo ready`,
    )
    onTestFinished(() => writeFileSync(left, ''))
    expect(await run.ended()).toBe(0)
    expect((await board.as('ana')('list', '--json')).stdout).toBe('[]\n')
    writeFileSync(left, '')
    await run.prints('late')
  })
})
