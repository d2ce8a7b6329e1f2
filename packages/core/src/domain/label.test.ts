import { describe, expect, it } from 'vitest'
import { accepted, refused } from '../../test/answers.ts'
import { KIND_SHAPE, KINDS, parseKind, parseLabel, parseNewLabel } from './label.ts'
import { LABEL_LENGTH_MAX } from './limits.ts'

const ofLength = (characters: number, unit = 'a') => {
  const prefix = 'infra:'
  return prefix + unit.repeat(characters - prefix.length)
}

describe('a label', () => {
  it.each(KINDS.filter(kind => kind !== 'pvc'))('of the kind %s consists of a kind and a name', kind => {
    expect(accepted(parseLabel(`${kind}:k8s-1`)).value).toEqual({
      kind,
      name: 'k8s-1',
      text: `${kind}:k8s-1`,
    })
  })

  it('of the kind pvc contains a namespace and a name', () => {
    expect(accepted(parseLabel('pvc:media/films')).value).toEqual({
      kind: 'pvc',
      name: 'media/films',
      text: 'pvc:media/films',
    })
  })

  it.each([
    ['host:db.example:3306', 'db.example:3306'],
    ['infra:a/b/c', 'a/b/c'],
    ['infra:the VPN, all of it', 'the VPN, all of it'],
  ])('keeps everything after its first colon as its name: %s', (text, name) => {
    expect(accepted(parseLabel(text)).value.name).toBe(name)
  })

  it.each([
    'infra:数据库',
    'infra:база данных',
    'infra:قاعدة البيانات',
    'infra:बादल',
    'infra:🦊',
    'infra:👩‍👩‍👧‍👦',
    'infra:🏴‍☠️ ship',
    'infra:🇳🇴',
  ])('may have a name in any script, with any emoji: %s', text => {
    expect(accepted(parseLabel(text)).value.text).toBe(text)
  })

  it('is the same label whether it is typed composed or decomposed, and is kept in NFC', () => {
    const composed = accepted(parseLabel('infra:caf\u00e9')).value
    expect(accepted(parseLabel('infra:cafe\u0301')).value).toEqual(composed)
    expect(composed.name).toBe('caf\u00e9')
  })

  it.each([
    ['letters', 'a'],
    ['letters of two UTF-16 units', '𐌰'],
    ['emoji', '🦊'],
  ])('of 255 code points is accepted, and one of 256 is refused: %s', (_, unit) => {
    expect(accepted(parseLabel(ofLength(LABEL_LENGTH_MAX, unit))).value.text).toBe(
      ofLength(LABEL_LENGTH_MAX, unit),
    )
    expect(refused(parseLabel(ofLength(LABEL_LENGTH_MAX + 1, unit)))).toMatchObject({
      code: 'invalid_label',
      message: expect.stringContaining('256 characters; a label has at most 255'),
    })
  })

  it('is measured after composition', () => {
    expect(accepted(parseLabel(`${ofLength(LABEL_LENGTH_MAX)}\u0301`)).value.text).toBe(
      `${ofLength(LABEL_LENGTH_MAX - 1)}\u00e1`,
    )
  })
})

describe('a label is refused', () => {
  it.each([
    ['without a kind', 'k8s-1', 'has no kind', 'infra:k8s-1'],
    ['with an empty kind', ':k8s-1', 'has no kind', 'infra:k8s-1'],
    ['with an empty name', 'node:', 'has no name', 'node:k8s-1'],
    ['with a blank name', 'node:  ', 'has no name', 'node:k8s-1'],
    ['as a pvc with an empty name', 'pvc:', 'has no name', 'pvc:default/data'],
    ['with spaces around its name', 'node: k8s-1 ', 'has spaces around its name', 'node:k8s-1'],
    ['as a pvc without its namespace', 'pvc:films', 'without its namespace', 'pvc:default/films'],
    ['as a pvc with an empty namespace', 'pvc:/films', 'without its namespace', 'pvc:default/films'],
    ['as a pvc with an empty volume', 'pvc:media/', 'without its namespace', 'pvc:default/media'],
    ['as a pvc with one part too many', 'pvc:a/b/c', 'without its namespace', 'pvc:a/b-c'],
    ['with a misspelt kind', 'nod:k8s-1', 'has no known kind ("nod")', 'node:k8s-1'],
    ['with a kind in capitals', 'NODE:k8s-1', 'has no known kind ("NODE")', 'node:k8s-1'],
    ['with a kind with a space', 'node :k8s-1', 'has no known kind ("node ")', 'node:k8s-1'],
    ['with a kind like no other', 'spaceship:one', 'has no known kind', 'infra:spaceship:one'],
  ])('%s, and the refusal names the nearest valid form', (_, input, reason, near) => {
    const refusal = refused(parseLabel(input))
    expect(refusal).toMatchObject({
      code: 'invalid_label',
      message: expect.stringContaining(reason),
      nearest: near,
      remedy: `did you mean ${near}?`,
    })
    expect(accepted(parseLabel(near)).value.text).toBe(near)
  })

  it.each([
    ['NUL', '\0'],
    ['a line break', '\n'],
    ['an escape', '\x1b'],
    ['DEL', '\x7f'],
    ['a C1 control', '\x9b'],
    ['a line separator', '\u2028'],
    ['a mark of direction', '\u200e'],
    ['an embedding of direction', '\u202a'],
    ['an override of direction', '\u202e'],
    ['an isolate of direction', '\u2066'],
    ['an Arabic letter mark', '\u061c'],
  ])('if it contains %s, at any position', (_, char) => {
    for (const text of [`${char}node:a`, `no${char}de:a`, `node:${char}a`, `node:a${char}b`, `node:a${char}`])
      expect(refused(parseLabel(text)).message).toContain(
        'contains a control character, or an invisible one that changes the text direction',
      )
  })

  it.each(['node:\ud83e', 'node:\udd8a', '\ud83enode:a'])('if it contains half a character: %j', text => {
    expect(refused(parseLabel(text)).message).toContain('half a character')
  })

  it('if it is empty, without a guess', () => {
    expect(refused(parseLabel(''))).toEqual({
      code: 'invalid_label',
      message: expect.stringContaining('has no kind'),
      remedy: 'write it as kind:name, for example node:k8s-1',
    })
  })

  it('with a list of the kinds that this board knows', () => {
    expect(refused(parseLabel('k8s-1', [...KINDS, 'queue'])).message).toContain(
      `(kinds: ${KINDS.join(', ')}, queue)`,
    )
  })
})

describe('a kind', () => {
  const kinds = [...KINDS, 'queue']

  it('from the configuration is accepted on its own and in a label', () => {
    expect(accepted(parseKind('queue', kinds)).value).toBe('queue')
    expect(accepted(parseLabel('queue:mail', kinds)).value.kind).toBe('queue')
    expect(refused(parseLabel('queue:mail')).message).toContain('has no known kind')
  })

  it.each([
    ['nod', 'node'],
    ['NODE', 'node'],
    ['services', 'service'],
    ['queu', 'queue'],
  ])('is refused with the nearest kind if it is unknown: %s', (input, near) => {
    expect(refused(parseKind(input, kinds))).toMatchObject({
      message: expect.stringContaining(kinds.join(', ')),
      remedy: `did you mean ${near}?`,
      nearest: near,
    })
  })

  it('is refused without a guess if it resembles no kind', () => {
    expect(refused(parseKind('spaceship', kinds))).toEqual({
      code: 'invalid_label',
      message: expect.stringContaining('no kind "spaceship"'),
      remedy: 'name one of these kinds',
      unknownKind: 'spaceship',
    })
  })

  it.each([
    ['queue', true],
    ['mail-queue-2', true],
    [`a${'b'.repeat(31)}`, true],
    [`a${'b'.repeat(32)}`, false],
    ['', false],
    ['2nd', false],
    ['-queue', false],
    ['Queue', false],
    ['mail queue', false],
    ['mail:queue', false],
    ['queue\n', false],
    ['очередь', false],
  ])('has to have a valid form: %j is %s', (word, shaped) => {
    expect(KIND_SHAPE.test(word)).toBe(shaped)
  })
})

describe('a label for a new claim', () => {
  it.each([
    ['node:k8s 1', 'node:k8s-1'],
    ['node:k8s  big\u00a01', 'node:k8s-big-1'],
    ['infra:the VPN, all of it', 'infra:the-VPN,-all-of-it'],
    ['infra:数据\u3000库', 'infra:数据-库'],
    ['node:k8s\u28001', 'node:k8s-1'],
    ['no de:k8s-1', 'node:k8s-1'],
    ['pvc:a b/c d', 'pvc:a-b/c-d'],
    ['k8s 1', 'infra:k8s-1'],
  ])('is refused with a blank inside, with the label to use instead: %j', (text, nearest) => {
    expect(refused(parseNewLabel(text))).toMatchObject({ code: 'invalid_label', nearest })
    expect(refused(parseNewLabel(text)).remedy).toBe(`did you mean ${nearest}?`)
    accepted(parseLabel(nearest))
  })

  it('that holds several labels is refused, and they are named one by one', () => {
    expect(refused(parseNewLabel('node:a db:b')).remedy).toBe(
      'if these are several labels, give each on its own: node:a db:b',
    )
  })

  it.each(['node:k8s-1', ' node:k8s-1 ', 'node:a\tb', 'node:a\u001b[2J', 'node:', 'nod:a', 'infra:🦊'])(
    'is otherwise left to the check of every label: %j',
    text => expect(accepted(parseNewLabel(text)).value).toBe(text),
  )

  it('may be on a board with blanks all the same', () => {
    accepted(parseLabel('node:k8s 1'))
  })
})
