import { beforeEach, describe, expect, it, vi } from 'vitest'
import { analyze } from '../src/index.ts'
import type { Call } from '../src/tools/tool.ts'
import { contextOf } from './support/context.ts'
import { seen } from './support/fake-tools.ts'

vi.mock('../src/tools/index.ts', () => import('./support/fake-tools.ts'))

const files = { '/srv/shop/a': 'text of a', '/srv/shop/sub/b': 'text of b' }
const run = (line: string) =>
  analyze(line, contextOf({ files, env: { KNOWN: 'known', UNUSED: 'x' } })).effects
/** The only call of `see` on a line. */
const callOn = (line: string): Call => {
  run(line)
  expect(seen).toHaveLength(1)
  return seen[0] as Call
}
beforeEach(() => {
  seen.length = 0
})

describe('a tool is told', () => {
  it('its words, with the known beginning of those that aren’t known', () => {
    const { name, args } = callOn('/usr/bin/see "a b" --x=$NS/y $KNOWN')
    expect(name).toBe('see')
    expect(args.map(({ text, start }) => [text, start])).toEqual([
      ['a b', undefined],
      [undefined, '--x='],
      ['known', undefined],
    ])
    expect(args.map(({ from, to }) => [from, to])).toEqual([
      [13, 18],
      [19, 28],
      [29, 35],
    ])
  })

  it('the environment with what is set in front and exported before', () => {
    expect(callOn('export A=1; B=2; KNOWN=3; C=4 see x').env).toMatchObject({
      A: '1',
      KNOWN: '3',
      C: '4',
      UNUSED: 'x',
    })
    expect(seen[0]?.env['B']).toBeUndefined()
  })

  it('what the line runs before it, also in substitutions', () => {
    const call = callOn('kubectx dev && echo $(other a); ssh cp-1 far b; see x; later y')
    expect(call.earlier.map(({ name, args }) => [name, ...args.map(({ text }) => text)].join(' '))).toEqual([
      'kubectx dev',
      'other a',
      'echo ',
      'ssh cp-1 far b',
    ])
  })

  it('which variables are set to something unknown', () => {
    const call = callOn('export A="$(date)"; B=$X see x')
    expect([...call.unknownEnv].toSorted()).toEqual(['A', 'B'])
    expect(call.env['A']).toBeUndefined()
  })

  it('the folder, the host and the files of this machine', () => {
    const call = callOn('cd sub && see x')
    expect([call.cwd, call.host, call.isRemote]).toEqual(['/srv/shop/sub', 'ci-1', false])
    expect([call.read('b'), call.read('../a'), call.read('/srv/shop/a'), call.read('c')]).toEqual([
      'text of b',
      'text of a',
      'text of a',
      undefined,
    ])
    expect(call.list('.')).toEqual(['b'])
  })

  it('no file by a relative path if the folder isn’t known', () => {
    const call = callOn('cd "$X"; see x')
    expect([call.cwd, call.read('a'), call.read('/srv/shop/a')]).toEqual([undefined, undefined, 'text of a'])
  })

  it.each([
    ["see x <<'EOF'\na $X\nEOF", 'a $X\n'],
    ['y=1; see x <<EOF\na $y\nEOF', 'a 1\n'],
    ['see x <<-EOF\n\ta\n\tEOF', 'a\n'],
    ["see x <<< 'a'", 'a\n'],
    ['echo a | see x', 'a\n'],
    ["printf 'a\\nb' | see x", 'a\nb'],
    ['see x < a', 'text of a'],
    ['cat a | see x', 'text of a'],
    ['cat <<EOF | see x\na\nEOF', 'a\n'],
    ['echo a | tee out | sudo see x', 'a\n'],
    ['{ see x; } <<< a', 'a\n'],
    ['curl x | see x', undefined],
    ['see x', undefined],
    ['see x < missing', undefined],
    ['echo a | true | see x', undefined],
  ])('standard input of %j', (line, stdin) => {
    expect(callOn(line).stdin).toBe(stdin)
  })
})

describe('a command on another machine', () => {
  it('has none of this machine’s files, folders and variables', () => {
    const call = callOn('cd sub; A=1; export B=2; far h "see $KNOWN \\$KNOWN"')
    expect([call.host, call.isRemote, call.cwd, call.env]).toEqual(['h', true, undefined, {}])
    expect([call.read('/srv/shop/a'), call.list('/srv/shop')]).toEqual([undefined, undefined])
    expect(call.args.map(word => word.text)).toEqual(['known', undefined])
  })

  it('may change to a folder of its own', () => {
    expect(callOn('far h "cd /opt/x && see a"').cwd).toBe('/opt/x')
    seen.length = 0
    expect(callOn('far h "cd ~/x && see a"').cwd).toBeUndefined()
  })

  it('may be a shell that reads standard input, or go on to a third machine', () => {
    expect(callOn('far h bash -s <<EOF\nsee a\nEOF').host).toBe('h')
    seen.length = 0
    expect(callOn('far h "far i \'see a\'"').host).toBe('i')
    seen.length = 0
    expect(callOn('far h sudo box c sh -c "\'see a\'"').host).toBe('engine')
  })

  it('has a script of its own, which isn’t read here', () => {
    run('far h ./a; far h bash a; far h make')
    expect(seen).toEqual([])
  })
})

describe('the effects of a command inside', () => {
  const quoted = (line: string) =>
    run(line).map(({ label, words: [from, to] }) => [label, line.slice(from, to)])

  it('point to its words', () => {
    expect(quoted('far h see a; ls')).toEqual([['node:a', 'far h see a']])
    expect(quoted("far h 'ls; see a'; ls")).toEqual([['node:a', 'see a']])
    expect(quoted('box c see a; ls')).toEqual([['node:a', 'see a']])
    expect(quoted("box c sh -c 'see a'")).toEqual([['node:a', 'see a']])
  })

  it('are the tool’s that found them', () => {
    expect(run('far h see a')).toMatchObject([{ tool: 'see', verb: 'see' }])
  })
})

it('a fault of a tool makes its command unknown and nothing else', () => {
  expect(run('see a; broken b; see c').map(({ label, tool, effect }) => [label, tool, effect])).toEqual([
    ['node:a', 'see', 'changes'],
    [null, 'broken', 'unknown'],
    ['node:c', 'see', 'changes'],
  ])
})

it('help is silent, unless it is an argument of a command inside', () => {
  expect(run('see --help; see a --help')).toEqual([])
  expect(run('see -- --help')).toHaveLength(1)
})
