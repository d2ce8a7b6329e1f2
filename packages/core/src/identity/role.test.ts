import { describe, expect, it } from 'vitest'
import { roleOf } from './role.ts'

describe('the role', () => {
  it.each([
    [{}, undefined],
    [{ PRESENCE_ROLE: 'backend' }, 'backend'],
    [{ CLAUDE_INSTANCE_ID: 'pm' }, 'pm'],
    [{ PRESENCE_ROLE: 'backend', CLAUDE_INSTANCE_ID: 'pm' }, 'backend'],
    [{ PRESENCE_ROLE: '  ' }, undefined],
    [{ PRESENCE_ROLE: ' ', CLAUDE_INSTANCE_ID: 'pm' }, 'pm'],
    [{ PRESENCE_ROLE: 'a\u001b[2J' }, undefined],
    [{ PRESENCE_ROLE: '\ud800' }, undefined],
    [{ PRESENCE_ROLE: 'r'.repeat(64) }, 'r'.repeat(64)],
    [{ PRESENCE_ROLE: 'r'.repeat(65) }, undefined],
  ])('in the environment %j is %j', (env, role) => {
    expect(roleOf(env)).toBe(role)
  })
})
