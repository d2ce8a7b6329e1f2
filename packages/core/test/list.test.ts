import { expect, it } from 'vitest'
import { accepted, holders, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

describeEachStore('list and peek', store => {
  it('return no claims and the database’s time on an empty board', async () => {
    await using board = await store.newBoard()

    const { claims, asOf } = accepted(await (await board.as('ana')).list())

    expect(claims).toEqual([])
    expect(Math.abs(asOf.getTime() - Date.now())).toBeLessThan(60_000)
  })

  it('return the live claims of all sessions, the oldest first, and no expired ones', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:gone', { purpose: 'p', ttl: 60 })
    await board.age(61)
    await bob.claim('node:z', { purpose: 'q' })
    await board.age(1)
    await ana.claim('node:a', { purpose: 'p' })

    expect(accepted(await ana.list()).claims.map(({ label }) => label)).toEqual(['node:z', 'node:a'])
  })

  it('filter by session, by kind, and by both', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    for (const [one, label] of [
      [ana, 'node:a'],
      [ana, 'db:a'],
      [bob, 'node:b'],
    ] as const) {
      await one.claim(label, { purpose: 'p' })
      await board.age(1)
    }
    const labels = async (...args: Parameters<typeof ana.list>) =>
      accepted(await ana.list(...args))
        .claims.map(({ label }) => label)
        .toSorted()

    expect(await labels({ mine: true })).toEqual(['db:a', 'node:a'])
    expect(await labels({ kind: 'node' })).toEqual(['node:a', 'node:b'])
    expect(await labels({ mine: true, kind: 'node' })).toEqual(['node:a'])
  })

  it('find names of any script by kind', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const names = ['node:ÿ', 'node:Ж', 'node:中文', 'node:🦊', 'node:~']
    for (const name of names) await ana.claim(name, { purpose: 'p' })
    await ana.claim('host:Ж', { purpose: 'p' })

    const found = accepted(await ana.list({ kind: 'node' })).claims.map(({ label }) => label)
    expect(found.toSorted()).toEqual(names.toSorted())
  })

  it('refuse an unknown kind, and name the nearest', async () => {
    await using board = await store.newBoard()

    expect(refused(await (await board.as('ana')).list({ kind: 'nodes' }))).toMatchObject({ nearest: 'node' })
  })

  it('G1: report co-claims on the session’s labels, whatever was requested', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })
    await bob.claim('node:a', { purpose: 'q' })

    for (const read of [ana.list({ kind: 'db' }), ana.list({ mine: true }), ana.list(), ana.peek('db:x')]) {
      const { coClaims } = accepted(await read)
      expect(coClaims.map(({ label, others }) => [label, holders(others)])).toEqual([['node:a', ['bob']]])
    }
  })

  it('return, for peek, only the live claims on one label', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.claim('node:a', { purpose: 'p' })
    await bob.claim('node:b', { purpose: 'q' })

    expect(holders(accepted(await ana.peek('node:b')).claims)).toEqual(['bob'])
    expect(accepted(await ana.peek('node:c')).claims).toEqual([])
  })

  it('treat a kind from the config like a built-in one', async ({ onTestFinished }) => {
    const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = await import('node:fs')
    const folder = mkdtempSync('/tmp/presence-config-')
    onTestFinished(() => rmSync(folder, { recursive: true }))
    mkdirSync(`${folder}/.presence`)
    writeFileSync(`${folder}/.presence/config.json`, '{"kinds": ["queue"]}')
    await using board = await store.newBoard()
    const ana = await board.as('ana', { dsn: board.dsn, session: 'ana', cwd: folder })

    accepted(await ana.claim('queue:mail', { purpose: 'p' }))

    expect(accepted(await ana.list({ kind: 'queue' })).claims.map(({ label }) => label)).toEqual([
      'queue:mail',
    ])
    expect(refused(await (await board.as('bob')).claim('queue:mail', { purpose: 'p' })).code).toBe(
      'invalid_label',
    )
  })
})
