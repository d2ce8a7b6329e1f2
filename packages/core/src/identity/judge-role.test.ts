import { describe, expect, it } from 'vitest'
import type { RoleRules } from '../domain/role.ts'
import type { Checkout } from './checkout.ts'
import { judgeRole } from './judge-role.ts'

const RULES: RoleRules = { roles: { pm: { main: true }, backend: {}, frontend: {} }, strictIdentity: false }
const STRICT = { ...RULES, strictIdentity: true }
const NONE: RoleRules = { strictIdentity: true }

const MAIN: Checkout = { top: '/p', main: '/p', role: undefined, email: undefined }
const of = (role: string, email = `${role}@presence.invalid`): Checkout => ({
  top: `/p/.worktrees/${role}`,
  main: '/p',
  role,
  email,
})
const OTHER: Checkout = { top: '/elsewhere', main: '/p', role: undefined, email: undefined }
const as = (role: string) => ({ CLAUDE_INSTANCE_ID: role })

describe('the role of a session', () => {
  it.each<[string, RoleRules, Readonly<Record<string, string>>, Checkout | undefined, string | undefined]>([
    ['what CLAUDE_INSTANCE_ID says', RULES, as('pm'), MAIN, 'pm'],
    ['what the worktree’s address says', RULES, {}, of('backend'), 'backend'],
    ['that of any domain', RULES, {}, of('backend', 'backend@acme.example'), 'backend'],
    ['the variable’s before the address’s', RULES, as('frontend'), of('backend'), 'frontend'],
    ['the address’s where the variable is blank', RULES, as('  '), of('backend'), 'backend'],
    [
      'what PRESENCE_ROLE says before both',
      RULES,
      { ...as('pm'), PRESENCE_ROLE: 'backend' },
      MAIN,
      'backend',
    ],
    ['none where nothing says it', RULES, {}, MAIN, undefined],
    ['none outside of a repository', RULES, {}, undefined, undefined],
    ['none of those that the project does not name', RULES, as('ops'), MAIN, undefined],
    ['no property that every object has', RULES, as('constructor'), MAIN, undefined],
    ['any, where the project names none', NONE, as('ops'), MAIN, 'ops'],
    ['none that can be no role', NONE, as('Ops Team'), MAIN, undefined],
    ['none of an address without a name', RULES, {}, of('backend', '@acme.example'), undefined],
  ])('is %s', (_, rules, env, checkout, role) => {
    expect(judgeRole(rules, env, checkout).role).toBe(role)
  })
})

describe('what is wrong with it', () => {
  it('is about the identity where it has none, and blocks where the project is strict', () => {
    for (const env of [{}, as('ops'), as('Ops Team'), as('x\n'.repeat(500))])
      for (const rules of [RULES, STRICT]) {
        const { problem } = judgeRole(rules, env, MAIN)
        expect(problem).toMatchObject({ about: 'identity', blocks: rules.strictIdentity })
        expect(problem?.message.length).toBeLessThan(200)
        expect(problem?.message).not.toContain('\n')
        expect(problem?.remedy).toContain('presence session start')
      }
  })

  it.each<[string, Checkout, string]>([
    ['backend', MAIN, '/p/.worktrees/backend'],
    ['backend', of('frontend'), '/p/.worktrees/backend'],
    ['backend', OTHER, '/p/.worktrees/backend'],
    ['pm', of('backend'), '/p'],
    ['pm', OTHER, '/p'],
  ])('is the folder, where %s works in %j: it never blocks', (role, checkout, right) => {
    const { problem } = judgeRole(STRICT, as(role), checkout)
    expect(problem).toMatchObject({ about: 'place', blocks: false })
    expect(problem?.message).toContain(`the folder of ${role} is ${right}`)
  })

  it.each<[string, Checkout | undefined]>([
    ['pm', MAIN],
    ['pm', of('pm')],
    ['backend', of('backend')],
    ['backend', undefined],
    ['backend', { ...MAIN, main: undefined }],
  ])('is nothing, where %s works in %j', (role, checkout) => {
    expect(judgeRole(STRICT, as(role), checkout)).toEqual({ role })
  })

  it('is nothing in a project without roles, but for another role’s worktree', () => {
    for (const checkout of [MAIN, OTHER, of('ops')])
      expect(judgeRole(NONE, as('ops'), checkout)).toEqual({ role: 'ops' })
    expect(judgeRole(NONE, {}, MAIN)).toEqual({ role: undefined })
    expect(judgeRole(NONE, as('ops'), of('backend')).problem).toMatchObject({ about: 'place', blocks: false })
  })
})
