import { readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openBoard } from '@presence/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { ALONE, newRunBoard, SHARED } from '../../../e2e/support/run-board.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { untilThere } from '../../../e2e/support/wrapped.ts'

describe('presence run', () => {
  it('holds the claim while the command runs, ends with its status, and leaves nothing behind', async () => {
    const board = newRunBoard()
    const said = await board.run('ana', ...SHARED, '--', 'sh', '-c', 'presence list; exit 7')
    expect(said.status).toBe(7)
    expect(said.stdout).toMatch(/^LABEL .*\nnode:a +ana \(me\) +cli, \S+ +drain .*\n$/)
    expect(said.stderr).toBe('')
    expect((await board.as('ana')('list', '--json')).stdout).toBe('[]\n')
  })

  it('leaves standard output to the command', async () => {
    const board = newRunBoard()
    await board.as('bob')('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    const as = (...args: string[]) => presence(args, { env: { PRESENCE_DSN: board.dsn } })
    expect((await as('run', ...SHARED, '--', 'echo', 'its own')).stdout).toBe('its own\n')
    expect((await as('run', ...SHARED, '--claim', 'node:b', 'true')).stdout).toBe('')
    expect((await as('--json', 'run', ...SHARED, '--nonsense', 'true')).stdout).toBe('')
    expect((await as('run', ...SHARED)).stdout).toBe('')
  })

  it.each([
    ['before', ['--json', 'run', ...SHARED]],
    ['behind', ['run', ...SHARED, '--json']],
  ])('refuses --json %s the verb and runs nothing', async (_, args) => {
    const said = await presence([...args, '--', 'echo', 'ran'], { env: { PRESENCE_DSN: newRunBoard().dsn } })
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(
      /^presence: NOT claimed node:\S+: run has no --json.*\npresence: hint: .*presence list --json/,
    )
  })

  it.each([
    ['behind --', ['--', 'echo', '--json', '--help', '--dsn', 'x', '-x', '--', 'y']],
    ['without one', ['echo', '--json', '--help', '--dsn', 'x', '-x', '--', 'y']],
  ])('takes no option of the command as its own, %s', async (_, command) => {
    const said = await newRunBoard().run('ana', ...SHARED, ...command)
    expect(said).toMatchObject({ status: 0, stdout: '--json --help --dsn x -x -- y\n' })
  })

  it('accepts the global options before and after the verb', async () => {
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
    const board = newRunBoard()
    const script = `${board.folder}/script`
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 })
    const said = await board.run('ana', ...SHARED, ...command.map(word => word.replace('SCRIPT', script)))
    expect(said).toMatchObject({ status, stderr: expect.stringMatching(stderr) })
    expect((await board.as('ana')('list', '--json')).stdout).toBe('[]\n')
  })

  it.each([
    ['no command', SHARED, /needs a command/, /presence run --claim/],
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

  it('G1: names each holder that is there already, and each new one once', async () => {
    const board = newRunBoard()
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

describe('the environment that presence run gives its command', () => {
  it('contains the session, marked for this command, the board that --dsn names, and no token if the claim is shared', async () => {
    const board = newRunBoard()
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
    const mark = 'PRESENCE_HOOK_SESSION_ID=ana\nPRESENCE_SESSION_FOR=run 0 -\n'
    expect(said.stdout.replace(/ \d+ -$/m, ' 0 -')).toBe(
      `PRESENCE_DSN=${board.dsn}\n${mark}PRESENCE_SESSION_ID=ana\n`,
    )
  })

  it('contains each label’s token, in the order given, and verify reads it there', async () => {
    const board = newRunBoard()
    for (let at = 0; at < 2; at++) await board.run('eve', ...ALONE, 'true')
    // A label with a blank may be claimed if it is on the board.
    await using ana = await openBoard({ dsn: board.dsn, session: 'ana', env: {} })
    await ana.claim('infra:b c', { purpose: 'p' })
    const script = `echo $PRESENCE_TOKEN / $PRESENCE_TOKENS; presence verify "infra:b c"; presence verify node:a`
    const labels = ['--claim', 'node:a', '--claim', 'infra:b c', '--claim', 'node:a']
    const said = await board.run('ana', ...labels, '--purpose', 'p', '--exclusive', '--', 'sh', '-c', script)
    expect(said.stdout).toBe(
      '3 / node:a=3 infra:b%20c=1\npresence: token 1 on infra:b c is current\npresence: token 3 on node:a is current\n',
    )
  })

  it('keeps the tokens of an outer run', async () => {
    const board = newRunBoard()
    const inner = ['presence', 'run', '--claim', 'node:b', '--purpose', 'p', '--exclusive', '--']
    const said = await board.run('ana', ...ALONE, ...inner, 'sh', '-c', 'echo $PRESENCE_TOKENS')
    expect(said.stdout).toBe('node:b=1 node:a=1\n')
  })

  it('contains no token for another label: verify then exits 2 with a remedy', async () => {
    const board = newRunBoard()
    const said = await board.run('ana', ...ALONE, 'presence', 'verify', 'node:b')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(
      /neither PRESENCE_TOKENS nor PRESENCE_TOKEN has it\npresence: hint: give --token/,
    )
    const bare = await board.as('ana')('verify', 'node:a', '--json')
    expect(bare.status).toBe(2)
    expect(JSON.parse(bare.stdout)).toMatchObject({ error: { code: 'usage' } })
  })
})

describe('G7: if the board does not answer', () => {
  const env = () => ({ PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence', XDG_STATE_HOME: scratchFolder() })

  it('a shared run says first that nothing is claimed, once, and runs the command; claim and release are queued', async () => {
    const said = await presence(['run', ...SHARED, '--claim', 'node:b', '--', 'echo', 'ran'], { env: env() })
    expect(said).toMatchObject({ status: 0, stdout: 'ran\n' })
    expect(said.stderr).toMatch(/^presence: NOT claimed node:a, node:b: dolt unreachable/)
    expect(said.stderr.match(/NOT claimed/g)).toHaveLength(1)
    expect(said.stderr).toMatch(/unknown since .*\n.*it is queued, and is sent with the next call/)
    expect(said.stderr).toMatch(/node:a could not be released: .*; its release is queued/)
  })

  it.each([['--strict'], ['--exclusive']])('%s exits 3, runs nothing and queues nothing', async flag => {
    const said = await presence(['run', ...SHARED, flag, '--', 'echo', 'ran'], { env: env() })
    expect(said).toMatchObject({ status: 3, stdout: '' })
    expect(said.stderr).toMatch(/^presence: NOT claimed node:a: dolt unreachable/)
    expect(said.stderr).not.toMatch(/queued/)
  })
})

describe('the command’s output', () => {
  it('passes through unchanged, even a gigabyte', async () => {
    const board = newRunBoard()
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

  it('does not delay the end if the command leaves behind a process that keeps it open', async () => {
    const board = newRunBoard()
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
