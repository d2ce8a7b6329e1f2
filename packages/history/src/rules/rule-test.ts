import { expect, it } from 'vitest'
import { judge } from '../judge.ts'
import { Story } from '../story.ts'

/** Builds a history and returns the rules that it breaks. */
export function broken(tell: (story: Story) => void): readonly string[] {
  const story = new Story()
  tell(story)
  return [...new Set(judge(story.lines).findings.map(({ rule }) => rule))]
}

/** Tests a rule with a history that breaks it, and with one that nearly does. */
export function rule(name: string, bad: (story: Story) => void, near: (story: Story) => void): void {
  it(`${name} reports a history that breaks it, and nothing in one that nearly does`, () => {
    expect(broken(bad)).toContain(name)
    expect(broken(near)).toEqual([])
  })
}

export const L = 'node:a'
