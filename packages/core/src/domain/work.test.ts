import { constantFrom, assert as hold, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowedFrom, type Course, ITEM_COURSE, parsePriority, parseStatus, WORKFLOW_COURSE } from './work.ts'

const COURSES: readonly (readonly [string, Course<string>])[] = [
  ['a workflow', WORKFLOW_COURSE],
  ['an item', ITEM_COURSE],
]

describe.each(COURSES)('%s', (_, course) => {
  const { statuses, isEnd } = course

  it('may go from where it is to another status only', () => {
    for (const from of statuses)
      for (const reopen of [true, false]) expect(allowedFrom(course, from, reopen)).not.toContain(from)
  })

  it('goes on from an end only when it is reopened, and never to another end', () => {
    for (const from of statuses.filter(each => isEnd[each])) {
      expect(allowedFrom(course, from, false)).toEqual([])
      const goes = allowedFrom(course, from, true)
      expect(goes.length).toBeGreaterThan(0)
      expect(goes.some(each => isEnd[each])).toBe(false)
    }
  })

  it('that goes on goes the same way whether or not somebody says that it is reopened', () => {
    hold(
      property(constantFrom(...statuses.filter(each => !isEnd[each])), from => {
        expect(allowedFrom(course, from, true)).toEqual(allowedFrom(course, from, false))
      }),
    )
  })

  it('can come from each status to each end', () => {
    for (const from of statuses) {
      const reached = new Set<string>()
      const visit = (status: string) => {
        for (const next of allowedFrom(course, status, true))
          if (!reached.has(next)) {
            reached.add(next)
            visit(next)
          }
      }
      visit(from)
      for (const end of statuses.filter(each => isEnd[each])) expect(reached).toContain(end)
    }
  })

  it('that is blocked is not completed before it goes on', () => {
    expect(allowedFrom(course, 'blocked', false)).not.toContain('completed')
  })
})

describe('a status', () => {
  it.each([
    ['in-progress', 'in_progress'],
    ['complete', 'completed'],
    ['Pending', 'pending'],
    ['x', undefined],
  ])('that is none is told the nearest: %s, %s', (text, near) => {
    const said = parseStatus(text, ITEM_COURSE)
    expect(!said.ok && 'nearest' in said.refusal ? said.refusal.nearest : undefined).toBe(near)
  })
})

describe('a priority', () => {
  it.each([0, 50, 100])('may be %d', priority => expect(parsePriority(priority).ok).toBe(true))
  it.each([-1, 101, 0.5, Number.NaN])('is not %d', priority => expect(parsePriority(priority).ok).toBe(false))
})
