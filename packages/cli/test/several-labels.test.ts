import { describe, expect, it } from 'vitest'
import { presence, presenceOn } from '../../../e2e/support/cli.ts'
import { Running } from '../../../e2e/support/running.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'

function newBoard() {
  const dsn = `sqlite:${scratchFolder()}/board.db`
  const env = (session: string) => ({ PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: session })
  return {
    as: (session: string) => presenceOn(dsn, session),
    running: (session: string, ...args: string[]) => new Running(args, env(session)),
    /** The labels that are held, each with its holder. */
    held: async () =>
      (JSON.parse((await presenceOn(dsn, 'onlooker')('list', '--json')).stdout) as Listed[])
        .map(({ resource_label, session_id }) => `${resource_label} ${session_id}`)
        .toSorted(),
  }
}

interface Listed {
  readonly resource_label: string
  readonly session_id: string
}

const P = ['--purpose', 'p']
const json = (said: { readonly stdout: string }) => JSON.parse(said.stdout)

describe('claim of several labels', () => {
  it('claims each, tells the answer of each in the order given, and a label that is given twice once', async () => {
    const board = newBoard()
    await board.as('bob')('claim', 'node:a', ...P)
    const said = await board.as('ana')('claim', 'node:b', 'node:a', 'node:b', ...P)
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(
      /^presence: claimed node:b until .*\npresence: claimed node:a until .* -- ALSO CLAIMED BY:\n {2}- bob .*\npresence: by convention .*\n$/,
    )
    expect(await board.held()).toEqual(['node:a ana', 'node:a bob', 'node:b ana'])
  })

  it('with --json prints for each label what one label prints, or its error', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await bob('claim', 'stack:x', '--exclusive', ...P)
    const said = await ana('claim', 'node:a', 'stack:x', ...P, '--json')
    expect(said.status).toBe(1)
    expect(json(said)).toMatchObject({
      'node:a': { claim: { resource_label: 'node:a', is_me: true }, others: [], co_claims: [] },
      'stack:x': { error: { code: 'held', holders: [{ session_id: 'bob' }] } },
    })
    const one = Object.keys(json(await ana('claim', 'node:a', ...P, '--json')))
    expect(Object.keys(json(said)['node:a'])).toEqual(one)
  })

  it('makes the other shared claims if one is refused, says which is not claimed first, and exits 1', async () => {
    const board = newBoard()
    await board.as('bob')('claim', 'stack:x', '--exclusive', ...P)
    const said = await board.as('ana')('claim', 'node:a', 'stack:x', 'node:b', ...P)
    expect(said.status).toBe(1)
    expect(said.stderr).toMatch(/^presence: NOT claimed stack:x: stack:x is held exclusively by bob\n/)
    expect(said.stdout).toMatch(/^presence: claimed node:a .*\npresence: claimed node:b .*\n$/)
    expect(await board.held()).toEqual(['node:a ana', 'node:b ana', 'stack:x bob'])
  })

  it('claims none if one can’t be a label', async () => {
    const board = newBoard()
    for (const mode of [[], ['--exclusive']])
      for (const [label, told] of [
        ['b', 'label "b" has no kind'],
        ['nope:zz', 'label "nope:zz" has no known kind'],
        ['db:x y', 'label "db:x y" contains a blank'],
      ] as const) {
        const said = await board.as('ana')('claim', 'node:a', label, ...P, ...mode)
        expect(said).toMatchObject({ status: 2, stdout: '' })
        expect(said.stderr).toContain(`presence: NOT claimed node:a, ${label}: ${told}`)
      }
    expect(await board.held()).toEqual([])
  })

  it('G7: names all of them if the board does not answer, warns, and with --exclusive exits 3', async () => {
    const env = { PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/presence', XDG_STATE_HOME: scratchFolder() }
    const claim = (...args: string[]) => presence(['claim', 'node:a', 'node:b', ...P, ...args], { env })
    const shared = await claim()
    expect(shared).toMatchObject({ status: 0, stdout: '' })
    expect(shared.stderr).toMatch(/^presence: NOT claimed node:a, node:b: dolt unreachable/)
    expect(json(await claim('--json')).error).toMatchObject({ code: 'unreachable', queued: true })
    const alone = await claim('--exclusive')
    expect(alone).toMatchObject({ status: 3, stdout: '' })
    expect(alone.stderr).toMatch(/^presence: NOT claimed node:a, node:b: dolt unreachable/)
  })
})

describe('claim --exclusive of several labels', () => {
  it('claims all of them, each with its token, and says so in the order given', async () => {
    const board = newBoard()
    const said = await board.as('ana')('claim', 'node:b', 'node:a', '--exclusive', ...P)
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(
      /^presence: claimed node:b exclusively, token 1, .*\npresence: claimed node:a exclusively, token 1, .*\n$/,
    )
    const again = json(await board.as('ana')('claim', 'node:b', 'node:a', '--exclusive', ...P, '--json'))
    expect(Object.keys(again)).toEqual(['node:b', 'node:a'])
    expect(again['node:a'].claim).toMatchObject({ mode: 'exclusive', token: 1 })
  })

  it.each(['node:a', 'node:b', 'node:c'])('G4: claims none of them if %s is held', async label => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await bob('claim', label, '--exclusive', ...P)
    const said = await ana('claim', 'node:c', 'node:a', 'node:b', '--exclusive', ...P)
    expect(said).toMatchObject({ status: 1, stdout: '' })
    expect(said.stderr).toMatch(
      new RegExp(`^presence: NOT claimed node:c, node:a, node:b: ${label} is held exclusively by bob\n`),
    )
    expect(await board.held()).toEqual([`${label} bob`])
    expect(
      json(await ana('claim', 'node:c', 'node:a', 'node:b', '--exclusive', ...P, '--json')),
    ).toMatchObject({
      error: { code: 'held' },
    })
  })

  it('G2: leaves what the session held before if another label is refused', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'node:a', '--exclusive', ...P)
    await bob('claim', 'node:c', '--exclusive', ...P)
    expect(await ana('claim', 'node:a', 'node:b', 'node:c', '--exclusive', ...P)).toMatchObject({ status: 1 })
    expect(await board.held()).toEqual(['node:a ana', 'node:c bob'])
    expect(await ana('verify', 'node:a', '--token', '1')).toMatchObject({ status: 0 })
  })

  it('with --wait gets all of them once the last is free, and nobody gets them meanwhile', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'node:b', '--exclusive', ...P)
    await using waiter = board.running(
      'bob',
      'claim',
      'node:b',
      'node:a',
      '--exclusive',
      '--wait',
      '10m',
      ...P,
    )
    await until('the wait', () => waiter.stderr.includes('waiting for node:b'))
    expect(await board.held()).toEqual(['node:a bob', 'node:b ana'])
    await ana('release', 'node:b')
    expect(await waiter.result()).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^presence: claimed node:b .*\npresence: claimed node:a .*\n$/),
    })
    expect(await bob('verify', 'node:a', '--token', '1')).toMatchObject({ status: 0 })
  })

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('G2: gives back what it took if a %s ends its wait', async (signal, status) => {
    const board = newBoard()
    await board.as('ana')('claim', 'node:b', '--exclusive', ...P)
    await using waiter = board.running(
      'bob',
      'claim',
      'node:a',
      'node:b',
      '--exclusive',
      '--wait',
      '10m',
      ...P,
    )
    await until('the wait', () => waiter.stderr.includes('waiting for node:b'))
    expect(await board.held()).toEqual(['node:a bob', 'node:b ana'])
    expect(await waiter.end(signal)).toMatchObject({ status, stdout: '' })
    expect(await board.held()).toEqual(['node:b ana'])
  })

  it('gives back what it took when the time to wait is over', async () => {
    const board = newBoard()
    await board.as('ana')('claim', 'node:b', '--exclusive', ...P)
    await using waiter = board.running('bob', 'claim', 'node:a', 'node:b', '--exclusive', '--wait', '1', ...P)
    expect(await waiter.result()).toMatchObject({ status: 1, stdout: '' })
    expect(await board.held()).toEqual(['node:b ana'])
  })
})

describe('release, peek and resolve of several labels', () => {
  it('release releases each of mine, refuses the others, and exits 1', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'node:a', 'node:c', ...P)
    await bob('claim', 'node:b', ...P)
    const said = await ana('release', 'node:a', 'node:b', 'node:c', 'node:d')
    expect(said.status).toBe(1)
    expect(said.stdout).toBe(
      'presence: released node:a\npresence: released node:c\npresence: no claim of yours on node:d\n',
    )
    expect(said.stderr).toMatch(/^presence: node:b is held by bob, not by this session\n/)
    expect(await board.held()).toEqual(['node:b bob'])
    expect(json(await bob('release', 'node:b', 'node:e', '--json'))).toMatchObject({
      'node:b': { released: [{ resource_label: 'node:b' }] },
      'node:e': { released: [] },
    })
  })

  it('peek shows each', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'node:a', ...P)
    expect((await bob('peek', 'node:a', 'node:b')).stdout).toMatch(
      /^presence: active claims on node:a:\n {2}- ana .*\npresence: no active claim on node:b\n$/,
    )
    expect(json(await bob('peek', 'node:a', 'node:b', '--json'))).toMatchObject({
      'node:a': [{ session_id: 'ana' }],
      'node:b': [],
    })
    expect(await bob('peek', 'node:a', 'nod:b')).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('active claims on node:a'),
    })
  })

  it('resolve resolves each with the same note', async () => {
    const board = newBoard()
    const [ana, bob] = [board.as('ana'), board.as('bob')]
    await ana('claim', 'node:a', 'node:b', ...P, '--ttl', '1')
    await until('both to lapse', async () => json(await bob('list', '--lapsed', '--json')).length === 2)
    expect((await bob('resolve', 'node:a', 'node:b', '--note', 'both were done')).stdout).toMatch(
      /^presence: resolved node:a: ana .*\npresence: resolved node:b: ana .*\n$/,
    )
  })
})
