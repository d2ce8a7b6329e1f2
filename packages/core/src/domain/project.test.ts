import { assert as hold, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestProject, PROJECT_SHAPE, parseProject } from './project.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

describe('a project’s key', () => {
  it.each(['shop', 'web-shop', 'dataforth-dos', 'a', '0', 'a.b_c-d', 'x'.repeat(64)])('may be %s', key => {
    expect(parseProject(key)).toEqual({ ok: true, value: key })
  })

  it.each([
    ['Web Shop', 'web-shop'],
    ['SHOP', 'shop'],
    ['-shop-', 'shop'],
    ['shop/api', 'shop-api'],
    ['Über', 'uber'],
    ['.hidden', 'hidden'],
    ['x'.repeat(65), 'x'.repeat(64)],
    [' ', undefined],
    ['..', undefined],
    ['日本', undefined],
  ])("can't be %j, and the refusal names the nearest key: %j", (input, near) => {
    const said = parseProject(input)
    expect(said).toMatchObject({ ok: false, refusal: { code: 'invalid_project' } })
    expect(!said.ok && 'nearest' in said.refusal ? said.refusal.nearest : undefined).toBe(near)
  })

  it('that is guessed from any text is valid, and guessing from it again changes nothing', () => {
    hold(
      property(string({ unit: char, maxLength: 200 }), text => {
        const near = nearestProject(text)
        if (near !== undefined) {
          expect(near).toMatch(PROJECT_SHAPE)
          expect(nearestProject(near)).toBe(near)
        }
        const said = parseProject(text)
        if (!said.ok) expect(/\p{Cc}/u.test(said.refusal.message + said.refusal.remedy)).toBe(false)
      }),
    )
  })
})
