import { Argument, Command, Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { questionOf } from './question.ts'

const program = new Command('presence').version('0.0.0', '--version').option('--json').option('--dsn <dsn>')
program.option('--session <id>')
program.command('claim').argument('<label...>').option('--purpose <text>').option('--ttl <duration>')
program.command('peek').argument('<label...>')
program.command('watch').argument('[label]')
program.command('release').argument('[label...]').option('--all-mine')
program.command('list').option('--kind <kind>')
program.command('init').option('--kind <kind>', '', (kind: string) => kind)
program.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
program
  .command('run')
  .argument('[command...]')
  .option('--claim <label>', '', (label: string) => label)
program.command('complete', { hidden: true })
const message = program.command('message')
message.command('send').argument('<body>').option('--to <session>')
message.command('inbox').addOption(new Option('--kind <kind>').choices(['MESSAGE', 'HEARTBEAT']))

const asked = (...words: string[]) => questionOf(program, words)
const wordsFor = (...words: string[]) => {
  const { wanted } = asked(...words)
  return wanted.what === 'words' ? wanted.words.map(({ value }) => value) : wanted.what
}

describe('what a line asks for', () => {
  it('is a verb first, and never a hidden one', () => {
    expect(wordsFor('')).toContain('claim')
    expect(wordsFor()).toContain('claim')
    expect(wordsFor('')).not.toContain('complete')
    expect(wordsFor('--json', '')).toContain('claim')
    expect(wordsFor('--dsn', 'sqlite:x', '')).toContain('claim')
  })

  it.each([
    [['claim', ''], 'claim'],
    [['peek', 'no'], 'anybody'],
    [['watch', ''], 'anybody'],
    [['release', ''], 'mine'],
    [['--json', 'peek', ''], 'anybody'],
    [['claim', '--purpose', 'p', ''], 'claim'],
    [['claim', '--purpose=p', ''], 'claim'],
    [['claim', '--', ''], 'claim'],
    [['claim', '--', '-x'], 'claim'],
    [['run', '--claim', ''], 'claim'],
    [['run', '--claim=node:a', '--claim=no'], 'claim'],
  ])('is a label: %j', (words, of) => expect(asked(...words).wanted).toEqual({ what: 'labels', of }))

  it('is another label, besides those on the line, where several are taken', () => {
    for (const verb of ['claim', 'peek', 'release'])
      expect(asked(verb, 'node:a', 'node:b', '').wanted).toMatchObject({ besides: ['node:a', 'node:b'] })
  })

  it('is nothing after the last argument, or where any value is allowed', () => {
    expect(wordsFor('watch', 'node:a', '')).toEqual([])
    expect(wordsFor('list', '')).toEqual([])
    expect(wordsFor('claim', '--purpose', '')).toEqual([])
    expect(wordsFor('claim', '--purpose=')).toEqual([])
    expect(wordsFor('nonsense', '')).toContain('claim')
    expect(wordsFor('run', '--claim', 'node:a', '')).toEqual([])
  })

  it('is no option or value of presence after the command of a run', () => {
    expect(wordsFor('run', '--claim', 'node:a', '-')).toContain('--claim')
    expect(wordsFor('run', '--claim', 'node:a', 'helm', '-')).toEqual([])
    expect(wordsFor('run', '--claim', 'node:a', '--', 'helm', '--session', '')).toEqual([])
    expect(asked('run', 'helm', '--dsn', 'sqlite:b.db', '').dsn).toBeUndefined()
  })

  it('is an option of the verb or a global option, without those already typed', () => {
    expect(wordsFor('claim', '-')).toEqual(
      expect.arrayContaining(['--purpose', '--ttl', '--json', '--dsn', '--session']),
    )
    expect(wordsFor('claim', '--purpose', 'p', '--')).not.toContain('--purpose')
    expect(wordsFor('claim', '-')).not.toContain('--version')
    expect(wordsFor('-')).toContain('--version')
    expect(wordsFor('init', '--kind', 'queue', '--')).toContain('--kind')
  })

  it('is a subcommand first, then what that subcommand takes', () => {
    expect(wordsFor('message', '')).toEqual(['send', 'inbox'])
    expect(wordsFor('message', 'send', '')).toEqual([])
    expect(wordsFor('message', 'send', '-')).toEqual(expect.arrayContaining(['--to', '--json']))
    expect(wordsFor('message', 'send', '--to', '')).toBe('sessions')
    expect(wordsFor('message', 'inbox', '--kind=')).toEqual(['MESSAGE', 'HEARTBEAT'])
  })

  it('is an option’s value, as the next word or after an =', () => {
    expect(asked('list', '--kind', 'no')).toMatchObject({
      wanted: { what: 'kinds' },
      typed: 'no',
      before: '',
    })
    expect(asked('list', '--kind=no')).toMatchObject({
      wanted: { what: 'kinds' },
      typed: 'no',
      before: '--kind=',
    })
    expect(wordsFor('peek', '--session', '')).toBe('sessions')
    expect(wordsFor('completion', '')).toEqual(['bash', 'zsh'])
  })

  it('takes board and session from the line, and accepts the quoted words that bash passes on', () => {
    expect(asked('--dsn', '"sqlite:b.db"', '--session=ana', 'peek', '"node:a')).toMatchObject({
      dsn: 'sqlite:b.db',
      session: 'ana',
      typed: 'node:a',
      wanted: { what: 'labels' },
    })
    expect(asked('list', '--session', '').session).toBeUndefined()
  })
})
