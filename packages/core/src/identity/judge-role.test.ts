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
    ['the value of CLAUDE_INSTANCE_ID', RULES, as('pm'), MAIN, 'pm'],
    ['the name in the worktree’s git address', RULES, {}, of('backend'), 'backend'],
    ['that name whatever the address’s domain', RULES, {}, of('backend', 'backend@acme.example'), 'backend'],
    ['the variable’s rather than the address’s', RULES, as('frontend'), of('backend'), 'frontend'],
    ['the address’s if the variable is blank', RULES, as('  '), of('backend'), 'backend'],
    [
      'the value of PRESENCE_ROLE rather than either',
      RULES,
      { ...as('pm'), PRESENCE_ROLE: 'backend' },
      MAIN,
      'backend',
    ],
    ['undefined if nothing sets it', RULES, {}, MAIN, undefined],
    ['undefined outside a repository', RULES, {}, undefined, undefined],
    ['undefined if the project does not list it', RULES, as('ops'), MAIN, undefined],
    ['undefined for a name that every object has as a property', RULES, as('constructor'), MAIN, undefined],
    ['any role if the project lists none', NONE, as('ops'), MAIN, 'ops'],
    ['undefined for a name that is not a valid role', NONE, as('Ops Team'), MAIN, undefined],
    ['undefined for an address without a name', RULES, {}, of('backend', '@acme.example'), undefined],
  ])('is %s', (_, rules, env, checkout, role) => {
    expect(judgeRole(rules, env, checkout).role).toBe(role)
  })
})

describe('the problem with a role', () => {
  it('is reported as `identity` if the session has no valid role, and blocks in a strict project', () => {
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
  ])('is reported as `place` if %s works in %j, and never blocks', (role, checkout, right) => {
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
  ])('is undefined if %s works in %j', (role, checkout) => {
    expect(judgeRole(STRICT, as(role), checkout)).toEqual({ role })
  })

  it('is undefined in a project that lists no roles, except in another role’s worktree', () => {
    for (const checkout of [MAIN, OTHER, of('ops')])
      expect(judgeRole(NONE, as('ops'), checkout)).toEqual({ role: 'ops' })
    expect(judgeRole(NONE, {}, MAIN)).toEqual({ role: undefined })
    expect(judgeRole(NONE, as('ops'), of('backend')).problem).toMatchObject({ about: 'place', blocks: false })
  })
})
