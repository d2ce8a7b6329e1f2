import { expect, it } from 'vitest'
import { accepted } from './answers.ts'
import { describeEachStore } from './stores.ts'

const purpose = 'p'
const WEB = 'service:shop/web@prod'
const SHOP = 'namespace:shop@prod'

describeEachStore('labels that touch the same thing', store => {
  it.each([
    [WEB, SHOP, [SHOP, WEB]],
    [SHOP, WEB, [WEB, SHOP]],
    ['node:k8s-1@prod', 'cluster:prod', ['cluster:prod', 'node:k8s-1@prod']],
    ['host:db1', 'service:nginx@db1', ['service:nginx@db1', 'host:db1']],
  ])('G1: beside a claim on %s, a claim on %s is told of it, with the path', async (first, second, path) => {
    await using board = await store.newBoard()
    accepted(await (await board.as('ana')).claim(first, { purpose }))
    const said = accepted(await (await board.as('bob')).claim(second, { purpose }))
    expect(said.others).toEqual([])
    expect(said.overlaps).toMatchObject([{ claim: { label: first, session: { id: 'ana' } }, path }])
  })

  it('an exclusive claim is told of them and granted, and an exclusive claim is found too', async () => {
    await using board = await store.newBoard()
    accepted(await (await board.as('ana')).claim(WEB, { purpose }))
    const bob = await board.as('bob')
    const said = accepted(await bob.claimExclusively(SHOP, { purpose }))
    expect(said.overlaps).toMatchObject([{ claim: { label: WEB } }])
    const eve = accepted(await (await board.as('eve')).claim('service:shop/db@prod', { purpose }))
    expect(eve.overlaps).toMatchObject([{ claim: { label: SHOP, session: { id: 'bob' }, token: 1 } }])
  })

  it('peek and list tell of them', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await ana.claim(WEB, { purpose }))
    accepted(await (await board.as('bob')).claim(SHOP, { purpose }))
    const peeked = accepted(await (await board.as('eve')).peek('pvc:shop/data@prod'))
    expect(peeked.overlaps).toMatchObject([{ claim: { label: SHOP } }])
    for (const listed of [await ana.list(), await ana.list({ latest: 10 })])
      expect(accepted(listed).overlaps).toMatchObject([{ claim: { label: SHOP }, path: [WEB, SHOP] }])
    expect(accepted(await (await board.as('eve')).list()).overlaps).toEqual([])
  })

  it('labels that may be the same are told apart from them', async () => {
    await using board = await store.newBoard()
    accepted(await (await board.as('ana')).claim('node:k8s-1@prod', { purpose }))
    const said = accepted(await (await board.as('bob')).claim('node:k8s-1', { purpose }))
    expect(said).toMatchObject({ others: [], overlaps: [], maybeSame: [{ label: 'node:k8s-1@prod' }] })
    const listed = accepted(await (await board.as('ana')).list())
    expect(listed.maybeSame).toMatchObject([{ label: 'node:k8s-1@prod', others: [{ label: 'node:k8s-1' }] }])
  })

  it.each([true, false])(
    'a short name finds the longer ones that end with it: exclusive %s',
    async exclusive => {
      await using board = await store.newBoard()
      const [ana, bob] = [await board.as('ana'), await board.as('bob')]
      const [short, long] = ['service:mail', 'service:shop/mail@prod']
      accepted(await (exclusive ? ana.claimExclusively(long, { purpose }) : ana.claim(long, { purpose })))
      accepted(await ana.claim('service:shop/email@prod', { purpose }))
      const said = accepted(await bob.claim(short, { purpose }))
      expect(said).toMatchObject({ others: [], overlaps: [], maybeSame: [{ label: long }] })
      const peeked = accepted(await (await board.as('eve')).peek(short))
      expect(peeked.maybeSame).toMatchObject([{ label: short, others: [{ label: long }] }])
    },
  )

  it('the list of one’s own claims tells of them', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await ana.claim(WEB, { purpose }))
    accepted(await ana.claim('node:k8s-1', { purpose }))
    const bob = await board.as('bob')
    accepted(await bob.claim(SHOP, { purpose }))
    accepted(await bob.claim('node:k8s-1@dev', { purpose }))
    const listed = accepted(await ana.list({ mine: true }))
    expect(listed.claims.map(({ label }) => label).toSorted()).toEqual(['node:k8s-1', WEB])
    expect(listed.overlaps).toMatchObject([{ claim: { label: SHOP }, path: [WEB, SHOP] }])
    expect(listed.maybeSame).toMatchObject([{ label: 'node:k8s-1', others: [{ label: 'node:k8s-1@dev' }] }])
  })

  it('a release, and another cluster of the same names, leave nothing to tell', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await ana.claim(WEB, { purpose }))
    accepted(await ana.claim('namespace:shop@dev', { purpose }))
    accepted(await ana.release(WEB))
    const said = accepted(await (await board.as('bob')).claim(SHOP, { purpose }))
    expect(said).toMatchObject({ others: [], overlaps: [], maybeSame: [] })
  })
})
