import { constantFrom, assert as hold, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowedFrom, type Course, ITEM_COURSE, parsePriority, parseStatus, WORKFLOW_COURSE } from './work.ts'

const COURSES: readonly (readonly [string, Course<string>])[] = [
  ['a workflow', WORKFLOW_COURSE],
  ['an item', ITEM_COURSE],
]

describe.each(COURSES)('%s', (_, course) => {
  const { statuses, isEnd } = course

  it('never has its current status among the allowed ones', () => {
    for (const from of statuses)
      for (const reopen of [true, false]) expect(allowedFrom(course, from, reopen)).not.toContain(from)
  })

  it('leaves an end status only when it is reopened, and never for another end status', () => {
    for (const from of statuses.filter(each => isEnd[each])) {
      expect(allowedFrom(course, from, false)).toEqual([])
      const goes = allowedFrom(course, from, true)
      expect(goes.length).toBeGreaterThan(0)
      expect(goes.some(each => isEnd[each])).toBe(false)
    }
  })

  it('that has not ended may take the same steps whether or not the caller asks to reopen it', () => {
    hold(
      property(constantFrom(...statuses.filter(each => !isEnd[each])), from => {
        expect(allowedFrom(course, from, true)).toEqual(allowedFrom(course, from, false))
      }),
    )
  })

  it('can reach each end status from each status', () => {
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

  it("that is blocked can't be completed directly", () => {
    expect(allowedFrom(course, 'blocked', false)).not.toContain('completed')
  })
})

describe('a status', () => {
  it.each([
    ['in-progress', 'in_progress'],
    ['complete', 'completed'],
    ['Pending', 'pending'],
    ['x', undefined],
  ])('that is unknown is refused with the nearest one: %s, %s', (text, near) => {
    const said = parseStatus(text, ITEM_COURSE)
    expect(!said.ok && 'nearest' in said.refusal ? said.refusal.nearest : undefined).toBe(near)
  })
})

describe('a priority', () => {
  it.each([0, 50, 100])('may be %d', priority => expect(parsePriority(priority).ok).toBe(true))
  it.each([-1, 101, 0.5, Number.NaN])('is not %d', priority => expect(parsePriority(priority).ok).toBe(false))
})
