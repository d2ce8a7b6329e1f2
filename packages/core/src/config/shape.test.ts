import { toJsonSchema } from '@valibot/to-json-schema'
import { describe, expect, it } from 'vitest'
import { checkConfig, SHAPE } from './shape.ts'

describe('a config file', () => {
  it('has a JSON schema that says what the validator does (vitest -u makes it anew)', async () => {
    const schema = { title: "presence's config file", ...toJsonSchema(SHAPE) }
    const text = `${JSON.stringify(schema, null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../schema/config.schema.json')
  })

  it.each([
    ['dns', 'dsn'],
    ['Dsn', 'dsn'],
    ['kind', 'kinds'],
  ])('with the key %s is told the nearest known one', (key, near) => {
    expect(checkConfig({ [key]: 'x' })).toEqual({
      problem: `unknown key "${key}"; did you mean ${near}?`,
    })
  })

  it('with a key that is near none is told just so', () => {
    expect(checkConfig({ colour: 'x' })).toEqual({ problem: 'unknown key "colour"' })
  })

  it('may name its schema, for an editor', () => {
    const config = { $schema: './config.schema.json', kinds: ['queue'] }
    expect(checkConfig(config)).toEqual({ config })
  })
})
