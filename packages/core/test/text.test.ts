import { asyncProperty, assert as hold, string } from 'fast-check'
import { expect, it } from 'vitest'
import { accepted } from './answers.ts'
import { describeEachStore } from './stores.ts'

const HOSTILE = [
  `'; DROP TABLE presence_claims; -- `,
  `\\'; DROP TABLE presence_claims; -- `,
  '\\',
  `"quotes" 'and' \`ticks\``,
  ':session_id :purpose :schema_version $1 ? %s',
  'tab\tline\nreturn\r\x1b[31mred\x07 \u202eabc',
  '🦊'.repeat(4_000),
  '中文 العربية ελληνικά',
  ' kept as given ',
]

describeEachStore('text', store => {
  it.each(HOSTILE)('in a purpose is stored and returned unchanged: %j', async purpose => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')

    expect(accepted(await ana.claim('node:a', { purpose })).claim.purpose).toBe(purpose)
    expect(accepted(await ana.peek('node:a')).claims[0]?.purpose).toBe(purpose)
  })

  it.each(
    HOSTILE.map(text =>
      text
        .replace(/[\p{Cc}\u202e]/gu, '')
        .trim()
        .slice(0, 100),
    ),
  )('in a session id and a label is stored and returned unchanged: %j', async text => {
    await using board = await store.newBoard()
    const id = text.isWellFormed() ? text : text.slice(0, -1)
    const ana = await board.as(id)

    const { claim } = accepted(await ana.claim(`infra:${id}`, { purpose: 'p' }))
    expect([claim.label, claim.session.id]).toEqual([`infra:${id}`.normalize('NFC'), id])
    expect(accepted(await ana.release(`infra:${id}`)).released).toHaveLength(1)
    expect(await board.rows()).toEqual([])
  })

  it('in any well-formed purpose is stored and returned unchanged', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const purposes = string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter(
      text => text.trim() !== '' && !text.includes('\0'),
    )
    await hold(
      asyncProperty(purposes, async purpose => {
        expect(accepted(await ana.claim('node:a', { purpose })).claim.purpose).toBe(purpose)
      }),
      { numRuns: 60 },
    )
  })
})
