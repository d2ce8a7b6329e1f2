import { describe, expect, it } from 'vitest'
import { accepted, refused } from '../../test/answers.ts'
import { AGENT_LENGTH_MAX } from '../domain/limits.ts'
import { parseSessionId } from '../domain/session.ts'
import { resolveIdentity } from './resolve.ts'

/** In order of precedence. */
const VARIABLES = [
  ['PRESENCE_SESSION_ID', 'cli'],
  ['CLAUDE_SESSION_ID', 'claude-code'],
  ['CLAUDE_CODE_SESSION_ID', 'claude-code'],
  ['CODEX_SESSION_ID', 'codex'],
  ['CODEX_THREAD_ID', 'codex'],
  ['GEMINI_SESSION_ID', 'gemini-cli'],
] as const

const from = (given: string | undefined, env: Record<string, string>) =>
  accepted(resolveIdentity(given, env)).value

const idsFrom = (at: number) =>
  Object.fromEntries(VARIABLES.slice(at).map(([variable]) => [variable, `id of ${variable}`]))

describe('the session of a caller', () => {
  it('is the one given, before any variable', () => {
    expect(from('ana', idsFrom(0))).toMatchObject({ from: '--session', session: { id: 'ana' } })
  })

  it.each(VARIABLES.map(([variable], at) => [variable, at] as const))(
    'comes from %s before any variable after it',
    (variable, at) => {
      expect(from(undefined, idsFrom(at))).toMatchObject({
        from: variable,
        session: { id: `id of ${variable}` },
      })
    },
  )

  it.each(VARIABLES)('has the id in %s if no other variable is set, and the agent %s', (variable, agent) => {
    expect(from(undefined, { [variable]: 'x' }).session).toMatchObject({ id: 'x', agent })
  })

  it.each(VARIABLES.slice(0, -1).map(([variable], at) => [variable, at] as const))(
    'ignores an empty %s',
    (variable, at) => {
      expect(from(undefined, { ...idsFrom(at + 1), [variable]: '' }).from).toBe(VARIABLES[at + 1]?.[0])
    },
  )

  it("is this terminal's if none is given", () => {
    const identity = from(undefined, {})
    const { id, user, host } = identity.session
    expect(identity.from).toBe('terminal')
    expect(id).toMatch(/@[0-9a-f]{8}$/)
    expect(id.startsWith(`${user.slice(0, 50)}@${host.slice(0, 60)}@`)).toBe(true)
    expect(accepted(parseSessionId(id, 'terminal')).value).toBe(id)
    expect(from(undefined, {})).toEqual(identity)
  })

  it("is this terminal's if all variables are empty", () => {
    const empty = Object.fromEntries(VARIABLES.map(([variable]) => [variable, '']))
    expect(from(undefined, empty)).toEqual(from(undefined, {}))
  })
})

describe('a bad id', () => {
  const BAD = [
    ['with an escape', '\x1b[31mana'],
    ['with a space before it', ' ana'],
    ['of 129 characters', 'a'.repeat(129)],
    ['that is blank', ' '],
  ] as const

  it.each(BAD)('%s is refused, naming where it came from', (_, id) => {
    const sources = [
      ["the session's id", refused(resolveIdentity(id, { PRESENCE_SESSION_ID: 'good' }))],
      ...VARIABLES.map(
        ([variable]) => [variable, refused(resolveIdentity(undefined, { [variable]: id }))] as const,
      ),
    ] as const
    for (const [source, refusal] of sources) {
      expect(refusal.code).toBe('invalid_session')
      expect(refusal.message.startsWith(`${source} `)).toBe(true)
      expect(refusal.remedy).not.toBe('')
    }
  })

  it('is refused even if a later variable has a good one', () => {
    expect(refused(resolveIdentity('', { PRESENCE_SESSION_ID: 'good' })).message).toBe(
      "the session's id is blank",
    )
    expect(
      refused(resolveIdentity(undefined, { PRESENCE_SESSION_ID: ' ', CODEX_SESSION_ID: 'good' })).message,
    ).toBe('PRESENCE_SESSION_ID is blank')
  })
})

describe("an agent's name", () => {
  it('is PRESENCE_AGENT before the name that other variables imply', () => {
    const env = { PRESENCE_AGENT: 'aider', CODEX_SESSION_ID: 'x' }
    expect(from(undefined, env).session.agent).toBe('aider')
  })

  it("is implied by the agent's variable even if the id comes from elsewhere", () => {
    expect(from('ana', { GEMINI_SESSION_ID: 'x' }).session.agent).toBe('gemini-cli')
    expect(from(undefined, { PRESENCE_SESSION_ID: 'ana', CODEX_THREAD_ID: 'x' }).session.agent).toBe('codex')
  })

  it.each([{}, { PRESENCE_AGENT: '' }, { CLAUDE_SESSION_ID: '' }])(
    'is cli if no variable implies another: %j',
    env => {
      expect(from('ana', env).session.agent).toBe('cli')
    },
  )

  it('is cut to the length that a board stores', () => {
    expect(from('ana', { PRESENCE_AGENT: '🦊'.repeat(100) }).session.agent).toBe(
      '🦊'.repeat(AGENT_LENGTH_MAX),
    )
  })
})
