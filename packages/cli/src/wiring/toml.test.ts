import { parse } from '@decimalturn/toml-patch'
import { describe, expect, it } from 'vitest'
import { type OurTable, tableIn, withTable } from './toml.ts'

const OURS: OurTable = {
  keys: ['mcp_servers', 'presence'],
  values: { command: 'presence', args: ['mcp'] },
}
const add = (text: string) => withTable(text, 'config.toml', OURS, { present: true })
const remove = (text: string) => withTable(text, 'config.toml', OURS, { present: false })

/** The values of a file together with our table. */
function withOurs(text: string) {
  const values = parse(text)
  return { ...values, mcp_servers: { ...values['mcp_servers'], presence: OURS.values } }
}

describe('a file of TOML', () => {
  it.each([
    ['empty', ''],
    ['with a key', 'model = "o5"\n'],
    ['with comments', '# comments\n\n[mcp_servers.docs]\ncommand = "docs" # odd   spaces\n\n'],
    ['with lines that end as on Windows', '[a]\r\nb = 1\r\n\r\n# end\r\n'],
    ['with a table in a text', 'text = """\n[mcp_servers.presence]\n"""\n'],
    ['with its servers under one heading', '[mcp_servers]\n# mine\ndocs = { command = "d" }\n\n[a]\nb = 1\n'],
    ['with its servers in dotted keys', 'mcp_servers.docs.command = "d"\n[a]\nb = 1\n'],
    ['with quoted keys', '["mcp_servers"."docs"]\n"command" = \'d\'\n'],
    ['with its servers on one line', 'mcp_servers = { docs = { command = "d" } } # mine\n[a]\nb = 1\n'],
    ['with its servers on one line, tightly', 'mcp_servers={docs={command="d"}}\r\n'],
    ['with no servers, on one line', 'mcp_servers = {}\n'],
    ['with its servers in brackets over lines', 'mcp_servers = {\n  docs = { command = "d" },\n}\n'],
    ['with a list of tables', '[[projects]]\npath = "/a"\n[[projects]]\npath = "/b"\n'],
    ['with a byte order mark', '\ufeffa = 1\n'],
    ['of a byte order mark alone', '\ufeff'],
    ['with times and large numbers', 'a = 1979-05-27T07:32:00Z\nb = 9223372036854775807\nc = nan\n'],
  ])('%s keeps its values and gets our table once, and is restored byte for byte without it', (_, text) => {
    const once = add(text)
    expect(parse(once)).toEqual(withOurs(text))
    expect(add(once)).toBe(once)
    expect(tableIn(once, 'config.toml', OURS)).toEqual(OURS.values)
    expect(remove(once)).toBe(text)
    expect(remove(text)).toBe(text)
  })

  it('uses the file’s line ends in our part too', () => {
    expect(add('[a]\r\nb = 1\r\n')).not.toMatch(/[^\r]\n/)
    expect(add('[a]\nb = 1\n')).not.toMatch(/\r/)
  })

  it.each([
    ['with other ends of lines', (text: string) => text.replaceAll('\n', '\r\n')],
    ['without its last line’s end', (text: string) => text.trimEnd()],
  ])('is recognised as ours after an editor left it %s', (_, edit) => {
    const once = edit(add('a = 1\n'))
    expect(parse(add(once))).toEqual(withOurs('a = 1\n'))
    expect(remove(once)).toBe(edit('a = 1\n') === 'a = 1' ? 'a = 1\n' : edit('a = 1\n'))
  })

  it('keeps what was written after our part', () => {
    const more = `${add('a = 1\n')}[later]\nb = 2\n`
    expect(add(more)).toBe(more)
    expect(remove(more)).toBe('a = 1\n[later]\nb = 2\n')
  })

  const GITHUB = '[mcp_servers.github]\ncommand = "g"\n\n[projects."/home/me/web"]\ntrust_level = "trusted"\n'

  it.each([
    ['above our table', (text: string) => text.replace('[mcp', `${GITHUB}[mcp`), GITHUB],
    ['below our table', (text: string) => `${text}# two\n${GITHUB}`, `# two\n${GITHUB}`],
    [
      'below our table, after a table inside it',
      (text: string) => `${text}[mcp_servers.presence.env]\nA = "1"\n[x]\ny = 1\n`,
      '[x]\ny = 1\n',
    ],
    [
      'below our table, with such a table in a text',
      (text: string) => `${text}[x]\nt = """\n[mcp_servers.presence]\n"""\n`,
      '[x]\nt = """\n[mcp_servers.presence]\n"""\n',
    ],
  ])('keeps what an editor put %s', (_, edit, theirs) => {
    const text = edit(add('[a]\nb = 1\n'))
    const without = `[a]\nb = 1\n${theirs}`
    expect(remove(text)).toBe(without)
    const again = add(text)
    expect(parse(again)).toEqual(withOurs(without))
    expect(add(again)).toBe(again)
    expect(parse(remove(again))).toEqual(parse(without))
  })

  it.each(['"""', "'''"])('keeps a copy of our table that is part of a string, in %s', quotes => {
    const text = `[a]\nt = ${quotes}\n${add('')}${quotes}\nu = 1\n`
    const once = add(text)
    expect(remove(text)).toBe(text)
    expect(parse(once)).toEqual(withOurs(text))
    expect(add(once)).toBe(once)
    expect(remove(once)).toBe(text)
  })

  describe('that an older version wrote', () => {
    const BEGIN =
      '# presence: begin. Written by `presence init --mcp`; what stands between the marks is replaced.\n'
    const END = '# presence: end\n'
    const TABLE = '[mcp_servers.presence]\ncommand = "presence"\nargs = ["mcp"]\n'

    it.each([
      ['alone', `[a]\nb = 1\n\n${BEGIN}${TABLE}${END}`, '[a]\nb = 1\n'],
      [
        'with other tables between its marks',
        `${BEGIN}# one\n${GITHUB}${TABLE}# two\n\n[x]\ny = 1\n\n${END}`,
        `# one\n${GITHUB}# two\n\n[x]\ny = 1\n`,
      ],
      [
        'with a mark in a text between its marks',
        `${BEGIN}${TABLE}[a]\nt = """\n${END}"""\n${END}`,
        `[a]\nt = """\n${END}"""\n`,
      ],
      ['without its end mark', `a = 1\n\n${BEGIN}${TABLE}`, 'a = 1\n'],
    ])('is recognised as ours, %s', (_, text, without) => {
      expect(add(text)).toBe(text)
      expect(remove(text)).toBe(without)
      expect(parse(add(text.replace('["mcp"]', '["old"]')))).toEqual(withOurs(without))
    })
  })

  it.each([
    ['keys that would move', (text: string) => `[a]\nb = 1\n${text}# end\nc = 2\n`],
    ['keys of its own', (text: string) => `${text}\nenv.A = "1"\n`],
  ])('is left unchanged, with advice, if our table got %s', (_, edit) => {
    const text = edit(add(''))
    const refusal = expect.objectContaining({
      code: 'invalid_config',
      message: "config.toml has mcp_servers.presence in a form that presence doesn't write",
    })
    expect(() => add(text)).toThrow(refusal)
    expect(() => remove(text)).toThrow(refusal)
  })

  it('is left unchanged if it has our comment and can’t be read', () => {
    const text = `a = "s3cret\n${add('')}`
    expect(() => add(text)).toThrow(/^config\.toml is not TOML, from line/)
    expect(() => remove(text)).toThrow(/^config\.toml is not TOML, from line/)
  })

  it('gets a line end if it had none, because a table begins on its own line', () => {
    expect(add('a = 1')).toMatch(/^a = 1\n\n# presence: written/)
  })

  it('replaces an older version’s table with this version’s', () => {
    expect(add(add('a = 1\n').replace('command = "presence"', 'command = "/opt/presence"'))).toBe(
      add('a = 1\n'),
    )
  })

  describe('whose table has a list to which its user may add', () => {
    const OPEN: OurTable = {
      keys: OURS.keys,
      values: { ...OURS.values, env_vars: ['A', 'B'] },
      open: 'env_vars',
    }
    const addOpen = (text: string) => withTable(text, 'config.toml', OPEN, { present: true })
    const removeOpen = (text: string) => withTable(text, 'config.toml', OPEN, { present: false })
    const written = (list: string, text = 'a = 1\n') =>
      addOpen(text).replace('env_vars = ["A", "B"]', `env_vars = ${list}`)
    const listIn = (text: string) => (tableIn(text, 'config.toml', OPEN) as { env_vars: unknown }).env_vars

    it.each([
      ['a name', '["A", "B", "MINE"]'],
      ['a name between ours', '["MINE", "B", "A"]'],
      ['a table', '["A", "B", { name = "MINE", source = "local" }]'],
      ['lines and comments', '[\n  "A",\n\n  # for the CA\n  "B", "MINE"\n]'],
    ])('stays with %s in it, and is removed whole', (_, list) => {
      const text = written(list)
      expect(text).toContain('MINE')
      expect(addOpen(text)).toBe(text)
      expect(removeOpen(text)).toBe('a = 1\n')
      expect(tableIn(removeOpen(text), 'config.toml', OPEN)).toBeUndefined()
    })

    it.each([
      ['a name', '["A", "MINE"]', ['A', 'MINE', 'B']],
      ['a table', '["A", { name = "MINE" }]', ['A', { name: 'MINE' }, 'B']],
      ['lines and comments', '[\n  "A",\n\n  # for the CA\n  "MINE"\n]', ['A', 'MINE', 'B']],
      ['nothing', '[]', ['A', 'B']],
    ])('of an older version gets the names that it lacks, and keeps %s', (_, list, all) => {
      const text = `${written(list)}[later]\nb = 2\n`
      const again = addOpen(text)
      expect(listIn(again)).toEqual(all)
      expect(parse(again)).toMatchObject({ a: 1, later: { b: 2 } })
      expect(again.includes('# for the CA')).toBe(list.includes('# for the CA'))
      expect(addOpen(again)).toBe(again)
      expect(parse(removeOpen(again))).toEqual({ a: 1, later: { b: 2 } })
    })

    it('keeps what its user added if another value of it is replaced', () => {
      const text = written('["A", "MINE"]').replace('command = "presence"', 'command = "/opt/presence"')
      expect(listIn(addOpen(text))).toEqual(['A', 'MINE', 'B'])
      expect(parse(addOpen(text))).toMatchObject({ mcp_servers: { presence: { command: 'presence' } } })
    })

    it('is refused without our comment if it lacks a name, and counts as ours if it has all', () => {
      const unmarked = (list: string) => written(list).replace(/^# presence.*\n/m, '')
      expect(() => addOpen(unmarked('["A"]'))).toThrow('has mcp_servers.presence already')
      expect(removeOpen(unmarked('["A"]'))).toBe(unmarked('["A"]'))
      expect(addOpen(unmarked('["MINE", "B", "A"]'))).toBe(unmarked('["MINE", "B", "A"]'))
      expect(parse(removeOpen(unmarked('["MINE", "B", "A"]')))).not.toHaveProperty('mcp_servers.presence')
    })
  })

  it('counts as done if the same table was written by hand', () => {
    const text = '[mcp_servers]\npresence = { args = ["mcp"], command = "presence" } # by hand\n'
    expect(add(text)).toBe(text)
    expect(parse(remove(text))).toEqual({ mcp_servers: {} })
  })

  it.each([
    '[mcp_servers.presence]\nurl = "https://board.example/mcp"\n',
    '[ mcp_servers . "presence" ]\ncommand = "mine"\n',
    '[mcp_servers]\npresence = { command = "mine" }\n',
    '[mcp_servers]\r\npresence.command = "mine"\r\n',
    'mcp_servers = { presence = { command = "mine" } }\n',
    'mcp_servers.presence = { command = "mine" }\n',
    'mcp_servers.presence.command = "mine"\n',
    '\ufeffmcp_servers.presence.command = "mine"\n',
    '"mcp\\u005fservers".\'presence\'.command = "mine"\n',
    '[[mcp_servers.presence]]\ncommand = "mine"\n',
  ])('that has a different table of that name is refused, and never overwritten: %j', text => {
    expect(() => add(text)).toThrow('has mcp_servers.presence already')
    expect(remove(text)).toBe(text)
  })

  it.each(['mcp_servers = 1\n', '[[mcp_servers]]\nname = "docs"\n', 'mcp_servers = [{ name = "docs" }]\n'])(
    'that can’t contain such a table is refused, with the entry to write yourself: %j',
    text => {
      expect(() => add(text)).toThrow(
        expect.objectContaining({
          code: 'invalid_config',
          message: 'config.toml has mcp_servers in a form that no table can be added to',
          remedy: expect.stringContaining('mcp_servers.presence = { command = "presence", args = ["mcp"] }'),
        }),
      )
      expect(remove(text)).toBe(text)
    },
  )

  it.each([
    'key = "s3cret\n',
    'a = s3cret\n',
    'a = "s3cret"\na = "s3cret"\n',
    '[s3cret\n',
    'a = 1\rb = "s3cret"\n',
  ])('that is no TOML is refused without quoting its content: %j', text => {
    expect(() => add(text)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^config\.toml is not TOML, from line \d+ on$/),
      }),
    )
    expect(remove(text)).toBe(text)
  })
})
