import type { Board, GuardTargetMode } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted } from './answers.ts'
import { describeEachStore } from './stores.ts'

const NODE = 'node:k8s-1'

async function guard(board: Board, callId: string, mode: GuardTargetMode, told: readonly string[] = []) {
  const targets = [{ label: NODE, mode, told }]
  const [target] = accepted(await board.guard({ callId, purpose: `command ${callId}`, targets })).targets
  if (!target) throw new Error('no target')
  return target
}

describeEachStore('a decision of the guard', store => {
  it('is shown by a watch, with who ran which command, and is no claim', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const watcher = await board.as('eve')
    await guard(ana, 'one', 'pause')
    const seen: string[] = []
    for await (const change of watcher.watch({ label: NODE, everyMs: 100 })) {
      if (change.event === 'unknown') throw change.fault
      if (change.event === 'known') continue
      const { event, claim } = change
      seen.push(`${event} ${claim.session.id} ${claim.purpose}`)
      if (event === 'present') {
        const { keys } = await guard(bob, 'two', 'pause')
        await guard(bob, 'three', 'deny')
        await guard(bob, 'four', 'pause', keys)
      }
      if (seen.length === 5) break
    }
    expect(seen.toSorted()).toEqual([
      'claimed bob command four',
      'paused bob command two',
      'present ana command one',
      'proceeded bob command four',
      'refused bob command three',
    ])
  })

  it('has a name in the table that older clients pass over', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await guard(ana, 'one', 'pause')
    await guard(bob, 'two', 'pause')
    expect(accepted(await bob.log({ label: NODE })).events.map(({ event }) => event)).toContain('paused')
    // An older client reads neither the column nor the name.
    await board.run('UPDATE presence_events SET detail = NULL')
    const events = accepted(await bob.log({ label: NODE })).events.map(({ event }) => event)
    expect(events.toSorted()).toEqual(['claim', 'refused'])
  })
})
