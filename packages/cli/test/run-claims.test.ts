import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { ALONE, newRunBoard, SHARED } from '../../../e2e/support/run-board.ts'

it('an exclusive run over shared claims lists them', async () => {
  const board = newRunBoard()
  await board.as('bob')('claim', 'node:a', '--purpose', 'reboot')
  expect(await board.run('ana', ...ALONE, 'true')).toMatchObject({ status: 1 })
  const said = await board.run('ana', ...ALONE, '--over-shared', 'true')
  expect(said.status).toBe(0)
  expect(said.stderr).toMatch(/exclusively, token \d+ -- ALSO CLAIMED \(SHARED\) BY:\n {2}- bob .*reboot/)
})

describe('several labels are taken all or none', () => {
  it('if one is refused the others are released, nothing is run, and the holder is named: exit 1', async () => {
    const board = newRunBoard()
    await board.as('bob')('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    const ran = `${board.folder}/ran`
    for (const mode of [[], ['--exclusive']]) {
      const labels = ['--claim', 'node:c', '--claim', 'node:b', '--claim', 'node:a']
      const said = await board.run('ana', ...labels, '--purpose', 'p', ...mode, '--', 'touch', ran)
      expect(said).toMatchObject({ status: 1, stdout: '' })
      expect(said.stderr).toMatch(
        /presence: .*node:b is held exclusively by bob\n {2}- bob \(.*\): apply, since .*, 1[45] min left, exclusive\npresence: hint: .*\npresence: the command was not run\n$/,
      )
      const held = JSON.parse((await board.as('ana')('list', '--json')).stdout)
      expect(held).toMatchObject([{ resource_label: 'node:b', session_id: 'bob' }])
    }
    expect(existsSync(ran)).toBe(false)
  })

  it.each([['--exclusive'], []])(
    'G4: runs that name them in any order wait for each other, and none waits forever (%s)',
    async (...mode) => {
      const board = newRunBoard()
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

  it('a shared run waits for an exclusive holder, and says so', async () => {
    const board = newRunBoard()
    const bob = board.as('bob')
    await bob('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    const run = board.start('ana', ...SHARED, '--claim', 'node:b', '--wait', '50s', '--', 'echo', 'ran')
    await run.says(/waiting for node:b, which is held by bob \(apply, since .*; .* left to wait/)
    expect((await bob('peek', 'node:a')).stdout, 'the run keeps what it has').toContain('ana')
    await bob('release', 'node:b')
    await run.says('claimed node:b\n')
    expect(await run.ended()).toBe(0)
    expect(run.stdout).toBe('ran\n')
  })

  it('and are waited for in one fixed order: no later label is held during the wait', async () => {
    const board = newRunBoard()
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

  it('a run whose wait is over is refused like a run without --wait', async () => {
    const board = newRunBoard()
    await board.as('bob')('claim', 'node:a', '--exclusive', '--purpose', 'apply')
    const said = await board.run('ana', ...SHARED, '--wait', '1s', '--', 'echo', 'ran')
    expect(said).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('not run') })
  })
})

describe('a session with earlier claims', () => {
  const before = async (board: ReturnType<typeof newRunBoard>) => {
    await board.as('ana')('claim', 'node:a', '--purpose', 'the whole day', '--ttl', '8h')
    const [claim] = JSON.parse((await board.as('ana')('list', '--json')).stdout)
    return claim
  }

  it.each([
    ['shared', SHARED],
    ['exclusive', ALONE],
  ])('still holds them after a %s run, for the same purpose and ttl', async (mode, args) => {
    const board = newRunBoard()
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

  it('still holds them after a run that was refused', async () => {
    const board = newRunBoard()
    await before(board)
    await board.as('bob')('claim', 'node:b', '--exclusive', '--purpose', 'apply')
    for (const args of [SHARED, ALONE]) {
      expect(await board.run('ana', ...args, '--claim', 'node:b', 'true')).toMatchObject({ status: 1 })
      const held = JSON.parse((await board.as('ana')('list', '--mine', '--json')).stdout)
      expect(held).toMatchObject([{ resource_label: 'node:a', purpose: 'the whole day', mode: 'shared' }])
    }
  })

  it('does not hold them if the command has released them', async () => {
    const board = newRunBoard()
    await before(board)
    await board.run('ana', ...SHARED, '--', 'presence', 'release', 'node:a')
    expect((await board.as('ana')('list', '--json')).stdout).toBe('[]\n')
  })

  it('keeps its exclusive claim, which a run neither takes again nor releases', async () => {
    const board = newRunBoard()
    await board.as('ana')('claim', 'node:a', '--exclusive', '--purpose', 'apply')
    expect(await board.run('ana', ...ALONE, 'true')).toMatchObject({ status: 1 })
    expect(await board.run('ana', ...SHARED, 'true')).toMatchObject({ status: 0 })
    expect((await board.as('ana')('verify', 'node:a', '--token', '1')).status).toBe(0)
  })
})

describe('G2: two runs of one session on one label', () => {
  const untilThere = (file: string) => [
    '--',
    'sh',
    '-c',
    `echo up; until [ -e ${file} ]; do sleep 0.05; done`,
  ]

  it.each([
    ['first', 0],
    ['second', 1],
  ])(
    'the run that began %s may end first: the label stays claimed until both have ended',
    async (_, first) => {
      const board = newRunBoard()
      const files = [0, 1].map(at => `${board.folder}/done-${at}`)
      const runs = []
      for (const file of files) {
        const run = board.start('ana', ...SHARED, ...untilThere(file))
        await run.prints('up')
        runs.push(run)
      }
      const held = async () => JSON.parse((await board.as('bob')('peek', 'node:a', '--json')).stdout).length
      for (const at of [first, 1 - first]) {
        expect(await held()).toBe(1)
        writeFileSync(files[at] ?? '', '')
        expect(await runs[at]?.ended()).toBe(0)
      }
      expect(await held()).toBe(0)
    },
  )

  it('an exclusive run leaves its session’s shared claim on the label, even if it is killed', async () => {
    const board = newRunBoard()
    await board.as('ana')('claim', 'node:a', '--purpose', 'the whole day', '--ttl', '8h')
    const run = board.start('ana', ...ALONE, '--ttl', '2', ...untilThere(`${board.folder}/never`))
    await run.prints('up')
    process.kill(run.pid, 'SIGKILL')
    await vi.waitFor(
      async () =>
        expect(JSON.parse((await board.as('bob')('peek', 'node:a', '--json')).stdout)).toMatchObject([
          { session_id: 'ana', purpose: 'the whole day', mode: 'shared', ttl_seconds: 28_800 },
        ]),
      { timeout: 30_000, interval: 250 },
    )
  })

  it('a claim that was made during a run outlives it', async () => {
    const board = newRunBoard()
    await board.run('ana', ...SHARED, '--', 'presence', 'claim', 'node:a', '--purpose', 'since')
    expect(JSON.parse((await board.as('bob')('peek', 'node:a', '--json')).stdout)).toMatchObject([
      { session_id: 'ana', purpose: 'since' },
    ])
    const alone = ['presence', 'claim', 'node:b', '--purpose', 'since', '--exclusive']
    await board.run('ana', '--claim', 'node:b', '--purpose', 'p', '--exclusive', '--', ...alone)
    expect((await board.as('ana')('verify', 'node:b', '--token', '1')).status).toBe(0)
  })
})
