import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Config } from './config.ts'
import { checkConfig } from './shape.ts'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/config.schema.json'), 'utf8'))
/** What an editor says about a file. */
const isValidInEditor = (content: unknown) => z.fromJSONSchema(schema).safeParse(content).success

describe('a config file', () => {
  it('may have each key that its JSON schema has, and no other', () => {
    const config: Required<Config> & { readonly $schema: string } = {
      $schema: './config.schema.json',
      dsn: 'http://board.example',
      kinds: ['queue'],
      roles: { pm: { main: true }, backend: {} },
      strictIdentity: true,
      project: 'shop',
      defaultScope: 'prod',
      defaultNamespace: 'shop',
      guard: {
        rules: { 'deployctl push *': 'service:$1' },
        ignore: ['kubectl label *'],
        modes: { node: 'deny' },
        scopes: { 'https://10.0.0.1:6443': 'prod' },
        aliases: { k: 'kubectl' },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the guard fills it in
        tools: { mcp__ops__restart: 'service:${input.name}' },
      },
    }
    expect(checkConfig(config)).toEqual({ config })
    expect(isValidInEditor(config)).toBe(true)
    expect(Object.keys(schema.properties)).toEqual(Object.keys(config))
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

  it.each<[string, (text: string) => unknown]>([
    ['key', text => ({ [text]: 1 })],
    ['kind', text => ({ kinds: [text] })],
    ['role', text => ({ roles: { [text]: {} } })],
    ['key of a role', text => ({ roles: { pm: { [text]: 1 } } })],
    ['project', text => ({ project: text })],
    ['default scope', text => ({ defaultScope: text })],
    ['default namespace', text => ({ defaultNamespace: text })],
    ['scope', text => ({ guard: { scopes: { prod: text } } })],
  ])('with a bad %s is refused with at most 40 characters of it, and without a password', (_, configOf) => {
    const problemOf = (text: string) => checkConfig(configOf(text))
    const problem = (part: string) => ({ problem: expect.stringContaining(part) })
    expect(problemOf('K'.repeat(5_000_000))).toEqual(problem(`"${'K'.repeat(39)}…"`))
    expect(problemOf('mysql://u:SECRET@h/db')).toEqual(problem('"***"'))
    expect(problemOf('u:SECRET@h/db')).toEqual(problem('"***"'))
    expect(problemOf('x</board>"\x1b\n')).toEqual(problem('"x‹/board›”\ufffd"'))
  })

  it('may list roles, and which of them may work in the main worktree', () => {
    const config = { roles: { pm: { main: true }, backend: {} }, strictIdentity: true }
    expect(checkConfig(config)).toEqual({ config })
    expect(checkConfig({ roles: {} })).toEqual({ config: { roles: {} } })
  })

  it.each<[unknown, string]>([
    [{ roles: ['pm'] }, 'roles must be an object: {"backend": {}}'],
    [{ roles: 'pm' }, 'roles must be an object: {"backend": {}}'],
    [{ roles: { pm: true } }, 'roles.pm must be an object: {} or {"main": true}'],
    [{ roles: { pm: { main: 'yes' } } }, 'roles.pm.main must be true or false'],
    [{ roles: { pm: { mian: true } } }, 'unknown key "mian" in roles.pm; did you mean main?'],
    [{ strictIdentity: 1 }, 'strictIdentity must be true or false'],
    [{ strictidentity: true }, 'unknown key "strictidentity"; did you mean strictIdentity?'],
    ...['PM', 'a/b', '..', '', 'a b', '-a', 'a'.repeat(41)].map((role): [unknown, string] => [
      { roles: { [role]: {} } },
      `${JSON.stringify(role.length > 40 ? `${'a'.repeat(39)}…` : role)} can't be a role: a role has at most 40 characters: lower-case letters, digits, - and _; it begins with a letter or a digit`,
    ]),
    [{ $schema: 1 }, '$schema must be a string'],
    [{ dsn: 1 }, 'dsn must be a string'],
    [{ dsn: '' }, 'dsn must not be empty'],
    [{ kinds: 'queue' }, 'kinds must be a list'],
    [{ kinds: ['queue', 1] }, 'kinds[1] must be a string'],
    [
      { kinds: ['queue', 'Queue'] },
      '"Queue" can\'t be a kind: a kind has at most 32 characters: lower-case letters, digits and dashes; it begins with a letter',
    ],
    [
      { project: 'My shop' },
      '"My shop" can\'t be a project: a project has at most 64 characters: lower-case letters, digits, "-", "_" and "."; it begins with a letter or a digit',
    ],
    [{ guard: [] }, 'guard must be an object: {"modes": {"node": "deny"}}'],
    [{ guard: { rule: {} } }, 'unknown key "rule" in guard; did you mean rules?'],
    [{ guard: { rules: [] } }, 'guard.rules must be an object'],
    [{ guard: { rules: { 'a b': 'x' } } }, 'guard.rules."a b" must be a label, for example service:$1'],
    [{ guard: { rules: { '': 'a:b' } } }, 'a key of guard.rules must not be empty'],
    [{ guard: { ignore: 'x' } }, 'guard.ignore must be a list'],
    [{ guard: { ignore: [''] } }, 'guard.ignore[0] must not be empty'],
    [
      { guard: { modes: { node: 'ask' } } },
      'guard.modes.node must be one of off, note, pause, deny, require',
    ],
    [{ guard: { modes: { Node: 'off' } } }, expect.stringContaining('"Node" can\'t be a kind')],
    [{ guard: { scopes: { prod: 'Prod' } } }, expect.stringContaining('"Prod" can\'t be a scope')],
    [{ guard: { aliases: { k: 'kubectl get' } } }, 'guard.aliases.k must be one word'],
    [{ guard: { aliases: { 'k g': 'kubectl' } } }, 'a key of guard.aliases must be one word'],
    [{ guard: { tools: { x: '' } } }, 'guard.tools.x must be a label, for example service:$1'],
    [{ constructor: 'x' }, 'unknown key "constructor"'],
    [[], 'must be an object'],
    ['x', 'must be an object'],
    [null, 'must be an object'],
  ])('with %j is refused with the reason, also by its JSON schema', (config, problem) => {
    expect(checkConfig(config)).toEqual({ problem })
    expect(isValidInEditor(config)).toBe(false)
  })
})
