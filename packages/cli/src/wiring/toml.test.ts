import { describe, expect, it } from 'vitest'
import { withTable } from './toml.ts'

const TABLE = '[mcp_servers.presence]\ncommand = "presence"\n'
const add = (text: string) =>
  withTable(text, 'config.toml', TABLE, { name: 'mcp_servers.presence', present: true })
const remove = (text: string) =>
  withTable(text, 'config.toml', TABLE, { name: 'mcp_servers.presence', present: false })

describe('a file of TOML', () => {
  it.each([
    [''],
    ['model = "o5"\n'],
    ['# comments\n\n[mcp_servers.docs]\ncommand = "docs" # odd   spaces\n\n'],
    ['[a]\r\nb = 1\r\n'],
    ['text = """\n[mcp_servers.other]\n"""\n'],
  ])('has our table once, keeps the rest, and is byte for byte as it was without: %j', text => {
    const once = add(text)
    expect(once.startsWith(text)).toBe(true)
    expect(once.split('[mcp_servers.presence]')).toHaveLength(2)
    expect(add(once)).toBe(once)
    expect(remove(once)).toBe(text)
    expect(remove(text)).toBe(text)
  })

  it('keeps what was written behind our part', () => {
    const more = `${add('a = 1\n')}[later]\nb = 2\n`
    expect(add(more)).toBe(more)
    expect(remove(more)).toBe('a = 1\n[later]\nb = 2\n')
  })

  it('has a line’s end where it had none, for a table begins on a line', () => {
    expect(add('a = 1')).toMatch(/^a = 1\n\n# presence: begin/)
  })

  it('loses an older version’s table for today’s', () => {
    expect(add(add('a = 1\n').replace('command = "presence"', 'command = "/opt/presence"'))).toBe(
      add('a = 1\n'),
    )
  })

  it.each([
    '[mcp_servers.presence]\nurl = "https://board.example/mcp"\n',
    '[ mcp_servers . "presence" ]\ncommand = "mine"\n',
    'mcp_servers = { presence = { command = "mine" } }\n',
    'mcp_servers.presence = { command = "mine" }\n',
  ])('that has such a table from somebody else is refused, and never written over: %j', text => {
    expect(() => add(text)).toThrow('has mcp_servers.presence already')
    expect(remove(text)).toBe(text)
  })

  it('is refused where our end mark is lacking, for nobody knows what is ours then', () => {
    const open = add('').replace('# presence: end\n', '')
    expect(() => add(open)).toThrow('and not its end')
    expect(() => remove(open)).toThrow('and not its end')
  })
})
