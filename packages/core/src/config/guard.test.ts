import { describe, expect, it } from 'vitest'
import { TrustProject } from '../../test/trust-project.ts'
import { readConfigs } from './file.ts'
import { guardModeOf, guardSettings } from './guard.ts'
import { trustGuard } from './guard-trust.ts'

const SERVER = 'mysql://presence@db.example:3306/presence'
const LOOSE = {
  rules: { 'deployctl push *': 'service:$1' },
  ignore: ['kubectl *'],
  scopes: { prod: 'prod' },
  aliases: { k: 'kubectl' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the guard fills it in
  tools: { mcp__ops__restart: 'service:${input.name}' },
}

function trustIt(at: TrustProject) {
  for (const file of readConfigs(at.project, at.env).files) if (!file.own) trustGuard(file, at.env)
}

const settingsOf = (at: TrustProject, more: Record<string, string> = {}) =>
  guardSettings(at.project, { ...at.env, ...more })

describe('what a project’s file says about the guard', () => {
  it.each([
    ['names a board in the project', { dsn: 'sqlite:board.db' }],
    ['names no board', {}],
    ['names a server', { dsn: SERVER }],
  ])('counts only once this user trusts it, if the file %s', (_, more) => {
    const at = new TrustProject()
    at.says({ ...more, guard: { ...LOOSE, modes: { node: 'off', db: 'note' } } })
    const before = settingsOf(at)
    expect(before.config).toEqual({})
    expect(before.passedOver.map(({ message }) => message)).toEqual([
      expect.stringMatching(/rules, scopes, aliases, tools, ignore, modes \(off, note\) of .*config\.json/),
    ])
    expect(guardModeOf(before, 'node', 'pause')).toBe('pause')
    expect(guardModeOf(before, 'db', 'pause')).toBe('pause')
    trustIt(at)
    const after = settingsOf(at)
    expect(after.config).toEqual({ ...LOOSE, modes: { node: 'off', db: 'note' } })
    expect(after.passedOver).toEqual([])
    expect(guardModeOf(after, 'node', 'pause')).toBe('off')
  })

  it('needs trust anew after every change of it, and the trusted board stays in use', async () => {
    const at = new TrustProject()
    at.says({ dsn: SERVER, guard: LOOSE })
    at.trustIt()
    trustIt(at)
    const path = at.says({ dsn: SERVER, guard: { ...LOOSE, ignore: ['*'] } })
    expect(settingsOf(at).config).toEqual({})
    expect(await at.used()).toBe(path)
  })

  it('is not trusted because the board is, but because PRESENCE_TRUST names its host', () => {
    const at = new TrustProject()
    at.says({ dsn: SERVER, guard: LOOSE })
    at.trustIt()
    expect(settingsOf(at).config).toEqual({})
    expect(settingsOf(at, { PRESENCE_TRUST: 'db.example' }).config).toEqual(LOOSE)
    expect(settingsOf(at, { PRESENCE_TRUST: 'x.example' }).config).toEqual({})
    expect(settingsOf(at, { PRESENCE_TRUST: 'x.example/' }).config).toEqual({})
  })

  it('counts without trust where its modes are stricter', () => {
    const at = new TrustProject()
    at.says({ guard: { modes: { node: 'require', stack: 'off' } } })
    at.put('xdg/presence/config.json', { guard: { modes: { stack: 'deny', node: 'note' } } })
    const settings = settingsOf(at)
    expect(guardModeOf(settings, 'node', 'pause')).toBe('require')
    expect(guardModeOf(settings, 'stack', 'pause')).toBe('deny')
    expect(guardModeOf(settings, 'service', 'note')).toBe('note')
    expect(settings.passedOver).toHaveLength(1)
    at.says({ guard: { modes: { node: 'require' } } })
    expect(settingsOf(at).passedOver).toEqual([])
  })
})

it('the user’s own settings need no trust; a trusted project’s entry wins over them', () => {
  const at = new TrustProject()
  at.put('xdg/presence/config.json', {
    guard: { ignore: ['a *'], aliases: { k: 'kubectl', t: 'tofu' }, modes: { node: 'off', db: 'deny' } },
  })
  expect(settingsOf(at).config.aliases).toEqual({ k: 'kubectl', t: 'tofu' })
  at.says({ guard: { ignore: ['b *'], aliases: { t: 'terraform' }, modes: { node: 'note' } } })
  trustIt(at)
  expect(settingsOf(at).config).toEqual({
    ignore: ['b *', 'a *'],
    aliases: { k: 'kubectl', t: 'terraform' },
    modes: { node: 'note', db: 'deny' },
  })
})

it('PRESENCE_GUARD only lowers the mode', () => {
  const settings = { config: { modes: { node: 'deny', db: 'off' } }, stricter: {} } as const
  expect(guardModeOf(settings, 'node', 'pause', 'off')).toBe('off')
  expect(guardModeOf(settings, 'node', 'pause', 'note')).toBe('note')
  expect(guardModeOf(settings, 'db', 'pause', 'note')).toBe('off')
  expect(guardModeOf(settings, 'node', 'pause', 'require')).toBe('deny')
})
