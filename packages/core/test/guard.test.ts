import type { Board, Guarded, GuardInput, GuardTargetMode } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, holders, refused } from './answers.ts'
import { describeEachStore, type TestBoard } from './stores.ts'

let calls = 0
const NODE = 'node:k8s-1'

async function guard(
  board: Board,
  mode: GuardTargetMode,
  more: Partial<GuardInput> & { readonly told?: readonly string[] } = {},
): Promise<Guarded> {
  const { told = [], ...input } = more
  const targets = [{ label: NODE, mode, told }]
  return accepted(
    await board.guard({ callId: `call-${calls++}`, purpose: 'kubectl drain k8s-1', targets, ...input }),
  )
}

const first = ({ targets: [target] }: Guarded) => {
  if (!target) throw new Error('no target')
  return target
}
const claimsOn = async (board: TestBoard, label = NODE) =>
  accepted(await (await board.as('onlooker')).peek(label)).claims

describeEachStore('guard', store => {
  it('claims what a command would change, and marks the claim as automatic', async () => {
    await using board = await store.newBoard()
    const said = await guard(await board.as('ana'), 'pause')

    expect(said.decision).toBe('through')
    expect(first(said)).toMatchObject({
      label: NODE,
      own: 'auto',
      others: [],
      isFirst: true,
      proceeded: false,
    })
    expect(await claimsOn(board)).toMatchObject([
      {
        session: { id: 'ana' },
        purpose: 'kubectl drain k8s-1',
        ttlSeconds: 900,
        automatic: { command: 'kubectl drain k8s-1' },
      },
    ])
  })

  it('says only once that it is the first automatic claim of a session', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'pause')
    expect(first(await guard(ana, 'pause')).isFirst).toBe(false)
    const other = await guard(ana, 'note', { targets: [{ label: 'db:x', mode: 'note' }] })
    expect(first(other).isFirst).toBe(false)
  })

  it('leaves a label that the session claimed by hand claimed by hand', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await ana.claim(NODE, { purpose: 'kernel upgrade', ttl: '2h' }))
    const said = await guard(ana, 'require', { callId: 'one' })
    expect(first(said)).toMatchObject({ own: 'by-hand', refused: undefined })
    accepted(await ana.settle({ callId: 'one', outcome: 'succeeded' }))
    const [claim] = await claimsOn(board)
    expect(claim).toMatchObject({ purpose: 'kernel upgrade', ttlSeconds: 7_200 })
    expect(claim?.automatic).toBeUndefined()
  })

  it('note: lets a command through and names who else is there', async () => {
    await using board = await store.newBoard()
    accepted(await (await board.as('bob')).claim(NODE, { purpose: 'reboot' }))
    const said = await guard(await board.as('ana'), 'note')
    expect(said.decision).toBe('through')
    expect(holders(first(said).others)).toEqual(['bob'])
    expect(first(said).proceeded).toBe(false)
  })

  it('pause: refuses until its agent was told of every other claim, and then lets it through', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await (await board.as('bob')).claim(NODE, { purpose: 'reboot' }))
    const paused = await guard(ana, 'pause')
    expect(paused.decision).toBe('refused')
    expect(first(paused).refused).toBe('paused')
    expect(holders(await claimsOn(board)), 'nothing of it stays').toEqual(['bob'])

    accepted(await (await board.as('eve')).claim(NODE, { purpose: 'label' }))
    const again = await guard(ana, 'pause', { told: first(paused).keys })
    expect(first(again).refused, 'a holder who was not named yet').toBe('paused')

    await (await board.as('bob')).heartbeat()
    const through = await guard(ana, 'pause', { told: first(again).keys })
    expect(through.decision).toBe('through')
    expect(first(through).proceeded).toBe(true)
    expect(holders(await claimsOn(board)).toSorted()).toEqual(['ana', 'bob', 'eve'])
  })

  it('require: a claim by hand on the whole, or under a name that may be the same, is enough', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const on = async (label: string) => {
      const targets = [{ label, mode: 'require' as const }]
      return first(await guard(ana, 'require', { targets })).refused
    }
    accepted(await ana.claim('namespace:shop@prod', { purpose: 'p' }))
    accepted(await ana.claim('node:k8s-1@prod', { purpose: 'p' }))
    expect(await on('service:shop/web@prod')).toBeUndefined()
    expect(await on('node:k8s-1')).toBeUndefined()
    expect(await on('service:mail/web@prod')).toBe('required')
    expect(await on('node:k8s-2')).toBe('required')
  })

  it('deny: refuses every time; require: refuses without a claim by hand', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    expect(first(await guard(ana, 'require')).refused).toBe('required')
    accepted(await (await board.as('bob')).claim(NODE, { purpose: 'reboot' }))
    const denied = await guard(ana, 'deny')
    expect(first(denied).refused).toBe('denied')
    expect(first(await guard(ana, 'deny', { told: first(denied).keys })).refused).toBe('denied')
    accepted(await ana.claim(NODE, { purpose: 'drain' }))
    const required = await guard(ana, 'require')
    expect(first(required).refused, 'others are there').toBe('paused')
    expect((await guard(ana, 'require', { told: first(required).keys })).decision).toBe('through')
  })

  it('refuses in every mode what another session holds exclusively', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    accepted(await bob.claimExclusively(NODE, { purpose: 'reboot' }))
    for (const mode of ['note', 'pause', 'deny', 'require'] as const) {
      const said = await guard(ana, mode)
      expect(first(said).refused, mode).toBe('exclusive')
      expect(holders(first(said).others)).toEqual(['bob'])
    }
    expect(holders(await claimsOn(board))).toEqual(['bob'])
    const own = await guard(bob, 'require', { callId: 'own' })
    expect(first(own)).toMatchObject({ own: 'by-hand', refused: undefined })
    accepted(await bob.release(NODE))
    expect(await claimsOn(board), 'no automatic claim beside it').toEqual([])
  })

  it('one refused label refuses the whole command, and takes back all that it wrote', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await (await board.as('bob')).claim('node:b', { purpose: 'reboot' }))
    const targets = ['node:a', 'node:b', 'node:c'].map(label => ({ label, mode: 'pause' as const }))
    const said = accepted(await ana.guard({ callId: 'three', purpose: 'kubectl drain', targets }))
    expect(said.decision).toBe('refused')
    expect(said.targets.map(({ label, refused: why }) => [label, why])).toEqual([
      ['node:a', undefined],
      ['node:b', 'paused'],
      ['node:c', undefined],
    ])
    expect(await board.count('presence_claims')).toBe(1)
    const events = accepted(await ana.log()).events.filter(({ session }) => session.id === 'ana')
    expect(events).toMatchObject([{ event: 'paused', label: 'node:b', others: ['bob'] }])
  })

  it('a refused command leaves an earlier claim of its session exactly as it was', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'note', { callId: 'one', purpose: 'kubectl drain k8s-1' })
    accepted(await ana.settle({ callId: 'one', outcome: 'failed', exitStatus: 1 }))
    accepted(await (await board.as('bob')).claim(NODE, { purpose: 'look', ttl: '5h' }))
    const before = (await board.rows()).find(row => row['session_id'] === 'ana')
    expect((await guard(ana, 'pause', { purpose: 'kubectl uncordon k8s-1' })).decision).toBe('refused')
    expect((await board.rows()).find(row => row['session_id'] === 'ana')).toEqual(before)
    await board.age(3_600)
    expect((await guard(ana, 'pause', { purpose: 'kubectl uncordon k8s-1' })).decision).toBe('refused')
    const { lapsed } = accepted(await (await board.as('onlooker')).peek(NODE))
    expect(lapsed).toMatchObject([
      { automatic: { command: 'kubectl drain k8s-1', outcome: 'failed', exitStatus: 1 } },
    ])
  })

  it('a command that is refused over a claim by hand that lapsed leaves it a claim by hand', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    accepted(await ana.claim(NODE, { purpose: 'kernel upgrade' }))
    await board.age(1_000)
    accepted(await (await board.as('bob')).claim(NODE, { purpose: 'reboot' }))
    expect(first(await guard(ana, 'pause')).refused).toBe('paused')
    const { lapsed } = accepted(await (await board.as('onlooker')).peek(NODE))
    expect(lapsed).toMatchObject([{ purpose: 'kernel upgrade' }])
    expect(lapsed[0]?.automatic).toBeUndefined()
  })

  it('gives copies of one call one decision, and one record', async () => {
    await using board = await store.newBoard()
    const [ana, twin] = [await board.as('ana'), await board.as('ana')]
    const both = await Promise.all([ana, twin].map(each => guard(each, 'pause', { callId: 'same' })))
    expect(both.map(({ decision }) => decision)).toEqual(['through', 'through'])
    expect(first(both[0] as Guarded).event).toBe(first(both[1] as Guarded).event)
    expect(await board.count('presence_commands')).toBe(1)
    accepted(await (await board.as('bob')).claim(NODE, { purpose: 'reboot' }))
    expect((await guard(ana, 'pause', { callId: 'same' })).decision, 'as decided before').toBe('through')
  })

  it('G10: two sessions that guard one label at once never both pass unseen', async () => {
    await using board = await store.newBoard()
    const boards = await Promise.all(['ana', 'bob'].map(id => board.as(id)))
    for (let round = 0; round < 12; round++) {
      const label = `node:race-${round}`
      const mode = round % 2 === 0 ? ('note' as const) : ('pause' as const)
      const said = await Promise.all(
        boards.map(each =>
          each.guard({ callId: label, purpose: 'drain', targets: [{ label, mode }] }).then(accepted),
        ),
      )
      const through = said.filter(({ decision }) => decision === 'through')
      const saw = said.filter(answer => first(answer).others.length > 0)
      if (mode === 'note') expect(saw.length, label).toBeGreaterThan(0)
      else expect(through.length, label).toBeLessThan(2)
    }
  })

  it('never both passes a guarded command and grants the label exclusively to another session', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    for (let round = 0; round < 8; round++) {
      const label = `node:race-${round}`
      const [said, taken] = await Promise.all([
        ana.guard({ callId: label, purpose: 'drain', targets: [{ label, mode: 'note' }] }).then(accepted),
        bob.claimExclusively(label, { purpose: 'apply' }),
      ])
      expect([said.decision === 'through', taken.ok], label).not.toEqual([true, true])
    }
  })

  it('records what it decided in the history, with claims marked as automatic', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await guard(ana, 'pause')
    const paused = await guard(bob, 'pause')
    await guard(bob, 'pause', { told: first(paused).keys })
    await guard(bob, 'deny')
    const { events } = accepted(await bob.log({ label: NODE }))
    const shown = events.map(({ event, session, auto }) => [session.id, event, auto ?? false])
    expect(shown.toSorted()).toEqual([
      ['ana', 'claim', true],
      ['bob', 'co-claim', true],
      ['bob', 'paused', false],
      ['bob', 'proceeded', false],
      ['bob', 'refused', false],
    ])
    const event = events.find(each => each.event === 'paused')
    expect(event?.note).toContain(first(paused).event)
    expect(event?.others).toEqual(['ana'])
  })

  it('tells whose automatic claim lapsed on the label, with its command and exit status', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    await guard(ana, 'pause', { callId: 'one' })
    accepted(await ana.settle({ callId: 'one', outcome: 'failed', exitStatus: 17 }))
    await board.age(1_000)
    const bob = await board.as('bob')
    const failed = { command: 'kubectl drain k8s-1', outcome: 'failed', exitStatus: 17 }
    expect(first(await guard(bob, 'pause')).lapsed).toMatchObject([{ automatic: failed }])
    expect(accepted(await bob.claim(NODE, { purpose: 'look' })).lapsed).toMatchObject([{ automatic: failed }])
  })

  it('refuses bad input, and writes nothing', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const targets = [{ label: NODE, mode: 'pause' as const }]
    const input = { callId: 'c', purpose: 'drain', targets }
    const bad = async (wrong: object) => refused(await ana.guard({ ...input, ...wrong } as GuardInput)).code
    if (!store.isServed) {
      expect(await bad({ callId: '' })).toBe('invalid_command')
      expect(await bad({ callId: 'a\nb' })).toBe('invalid_command')
      expect(await bad({ callId: 'x'.repeat(129) })).toBe('invalid_command')
      expect(await bad({ targets: [] })).toBe('invalid_command')
      expect(await bad({ targets: Array.from({ length: 101 }, () => targets[0]) })).toBe('invalid_command')
      expect(await bad({ targets: [{ label: NODE, mode: 'off' }] })).toBe('invalid_command')
      expect(await bad({ writeKey: 'X' })).toBe('invalid_write_key')
    }
    expect(await bad({ purpose: ' ' })).toBe('invalid_purpose')
    expect(await bad({ targets: [{ label: 'nonsense', mode: 'pause' }] })).toBe('invalid_label')
    expect(await board.count('presence_claims')).toBe(0)
    expect(await board.count('presence_commands')).toBe(0)
  })
})

describeEachStore('a guarded command on a label that touches the same thing as another', store => {
  const SERVICE = 'service:shop/web@prod'
  const at = (label: string, mode: GuardTargetMode, told: readonly string[] = []) => ({
    callId: `at-${calls++}`,
    purpose: 'kubectl rollout restart',
    targets: [{ label, mode, told }],
  })

  it.each([
    ['namespace:shop@prod', [SERVICE, 'namespace:shop@prod']],
    ['cluster:prod', [SERVICE, 'cluster:prod']],
  ])('is paused by a claim on %s, with the labels between them', async (whole, path) => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    accepted(await bob.claim(whole, { purpose: 'upgrade' }))
    const said = first(accepted(await ana.guard(at(SERVICE, 'pause'))))
    expect(said).toMatchObject({
      refused: 'paused',
      others: [],
      overlaps: [{ claim: { label: whole }, path }],
    })
    const through = accepted(await ana.guard(at(SERVICE, 'pause', said.keys)))
    expect(first(through)).toMatchObject({ refused: undefined, proceeded: true })

    const back = first(accepted(await bob.guard(at(whole, 'deny'))))
    expect(back).toMatchObject({
      refused: 'denied',
      overlaps: [{ claim: { label: SERVICE }, path: path.toReversed() }],
    })
  })

  it('is told of labels that may be the same, and never refused for them', async () => {
    await using board = await store.newBoard()
    const bob = await board.as('bob')
    for (const label of ['service:web', 'service:shop/web', 'service:web@prod', 'service:web@stage'])
      accepted(await bob.claim(label, { purpose: 'restart' }))
    accepted(await bob.claimExclusively('service:Web@prod', { purpose: 'restart' }))
    const said = first(accepted(await (await board.as('ana')).guard(at(SERVICE, 'deny'))))
    expect(said).toMatchObject({ refused: undefined, overlaps: [], keys: [] })
    const labels = said.maybeSame.map(({ label }) => label).toSorted()
    expect(labels).toEqual(['service:shop/web', 'service:web', 'service:web@prod'])
  })

  it('is not told of other parts of the same whole', async () => {
    await using board = await store.newBoard()
    const bob = await board.as('bob')
    for (const label of [
      'service:shop/api@prod',
      'pvc:shop/web@prod',
      'namespace:shop@stage',
      'node:web@prod',
    ])
      accepted(await bob.claim(label, { purpose: 'p' }))
    const said = first(accepted(await (await board.as('ana')).guard(at(SERVICE, 'pause'))))
    expect(said).toMatchObject({ refused: undefined, others: [], overlaps: [], maybeSame: [] })
  })
})
