import { toJsonSchema } from '@valibot/to-json-schema'
import { describe, expect, it } from 'vitest'
import { checkConfig, SHAPE } from './shape.ts'

describe('a config file', () => {
  it('has a JSON schema that matches the validator (update it with vitest -u)', async () => {
    const schema = { title: "presence's config file", ...toJsonSchema(SHAPE) }
    const text = `${JSON.stringify(schema, null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../schema/config.schema.json')
  })

  it.each([
    ['dns', 'dsn'],
    ['Dsn', 'dsn'],
    ['kind', 'kinds'],
  ])('with the key %s is refused with the nearest known key', (key, near) => {
    expect(checkConfig({ [key]: 'x' })).toEqual({
      problem: `unknown key "${key}"; did you mean ${near}?`,
    })
  })

  it('with a key that is near no known one is refused without a suggestion', () => {
    expect(checkConfig({ colour: 'x' })).toEqual({ problem: 'unknown key "colour"' })
  })

  it('may list roles, and which of them may work in the main worktree', () => {
    const config = { roles: { pm: { main: true }, backend: {} }, strictIdentity: true }
    expect(checkConfig(config)).toEqual({ config })
    expect(checkConfig({ roles: {} })).toEqual({ config: { roles: {} } })
  })

  it.each<[unknown, string]>([
    [{ roles: ['pm'] }, 'roles must be an object: {"backend": {}}'],
    [{ roles: 'pm' }, 'roles must be an object: {"backend": {}}'],
    [{ roles: { pm: true } }, `a role's value must be an object: {} or {"main": true}`],
    [{ roles: { pm: { main: 'yes' } } }, 'main must be true or false'],
    [{ roles: { pm: { mian: true } } }, 'unknown key "mian" in roles.pm; did you mean main?'],
    [{ strictIdentity: 1 }, 'strictIdentity must be true or false'],
    [{ strictidentity: true }, 'unknown key "strictidentity"; did you mean strictIdentity?'],
    ...['PM', 'a/b', '..', '', 'a b', '-a', 'a'.repeat(41)].map((role): [unknown, string] => [
      { roles: { [role]: {} } },
      'a role has at most 40 characters: lower-case letters, digits, - and _; it begins with a letter or a digit',
    ]),
    [[], 'must be an object'],
    ['x', 'must be an object'],
  ])('with %j is refused with the reason', (config, problem) => {
    expect(checkConfig(config)).toEqual({ problem })
  })

  it('may name its schema, for editors', () => {
    const config = { $schema: './config.schema.json', kinds: ['queue'] }
    expect(checkConfig(config)).toEqual({ config })
  })
})
