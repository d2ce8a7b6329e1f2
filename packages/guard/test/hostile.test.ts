import { array, constantFrom, assert as hold, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analyze, purposeOf } from '../src/index.ts'
import { contextOf } from './support/context.ts'
import { ACT, labels } from './support/labels.ts'

const config = { rules: ACT }

/** A clock of which each look costs 10 microseconds, so that a slow machine sees the same as a fast one. */
const ticking = () => {
  let now = 0
  return () => {
    now += 0.01
    return now
  }
}

const MB = 1024 * 1024
const HOSTILE: Readonly<Record<string, string>> = {
  'one word of 1 MB': 'a'.repeat(MB),
  'commands of 1 MB': 'act a; '.repeat(MB / 7),
  'a heredoc of 1 MB': `cat > file <<'EOF'\n${'act a\n'.repeat(MB / 6)}EOF`,
  'blanks of 1 MB': ' '.repeat(MB),
  'line breaks of 1 MB': '\n'.repeat(MB),
  '10,000 commands with &&': `${'act a && '.repeat(10_000)}act b`,
  '10,000 stages of a pipeline': `${'cat | '.repeat(10_000)}act b`,
  '10,000 arguments': `act ${'x '.repeat(10_000)}`,
  '10,000 assignments': `${'x=y '.repeat(10_000)} act a`,
  '500 nested substitutions': `${'echo $('.repeat(500)}act a${')'.repeat(500)}`,
  '500 nested substitutions in quotes': `${'echo "$('.repeat(500)}act a${')"'.repeat(500)}`,
  '500 nested subshells': `${'('.repeat(500)}act a${')'.repeat(500)}`,
  '500 nested groups': `${'{ '.repeat(500)}act a${'; }'.repeat(500)}`,
  'open substitutions': '$('.repeat(100_000),
  'open quotes': '"$('.repeat(50_001),
  'open backticks': '`'.repeat(100_001),
  'open braces': '{a,'.repeat(100_000),
  'open ifs': 'if act a; then '.repeat(50_000),
  'open cases': 'case x in '.repeat(50_000),
  'open functions': 'f() '.repeat(100_000),
  'open heredocs': 'cat <<E '.repeat(20_000),
  'process substitutions': '<('.repeat(50_000),
  'unbalanced quotes': 'act a; echo "x',
  binary: String.fromCharCode(...Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 256)),
  'lone surrogates': `act \ud800 ${'\udfff'.repeat(100)}`,
  'loops in loops': `${'for a in {1..64}; do '.repeat(8)}act $a${'; done'.repeat(8)}`,
  'a function that calls itself': 'f() { act a; f; f; }; f',
  'functions that call each other': 'f() { g; g; }; g() { f; f; }; f',
  'shells in shells': `${'bash -c "'.repeat(50)}act a`,
  'eval of itself': 'x=\'eval "$x"\'; eval "$x"',
  'a variable that doubles': `x=a${'; x=$x$x'.repeat(40)}; act $x`,
  'words that double': `set -- a${'; set -- "$@" "$@"'.repeat(40)}; act $@`,
  'braces in braces': `act ${'{a,b}'.repeat(40)}`,
  'braces nested in braces': `act ${'{a,'.repeat(60)}b${'}'.repeat(60)}`,
  'xargs in xargs': `${'xargs '.repeat(10_000)}act a`,
  'sudo in sudo': `${'sudo '.repeat(10_000)}act a`,
}

describe('a hostile line gets an answer', () => {
  it.each(Object.entries(HOSTILE))('%s', (_, line) => {
    const { effects } = analyze(line, contextOf({ config, now: ticking() }))
    expect(effects.length).toBeLessThanOrEqual(257)
    for (const { words } of effects) {
      expect(words[0]).toBeLessThanOrEqual(words[1])
      expect(words[1]).toBeLessThanOrEqual(line.length)
    }
  })

  it('with what was found before the part that can’t be read', () => {
    expect(labels('act a; echo "x')).toEqual(['a'])
    expect(labels('act a; (act b')).toEqual(['a', 'b'])
    expect(labels('act a; for x in')).toContain('a')
    expect(labels(HOSTILE['10,000 commands with &&'] as string)).toEqual(['a', 'b'])
    expect(labels(HOSTILE['sudo in sudo'] as string)).toEqual(['unknown ?'])
  })

  it('that lists at most 256 effects, and says that there are more', () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `n${at}`)
    const { effects, ranOut } = analyze(names.map(name => `act ${name}`).join('; '), contextOf({ config }))
    expect([effects.length, ranOut, effects.at(-1)?.effect]).toEqual([257, true, 'unknown'])
  })

  it('of any pieces of a shell’s language', () => {
    const pieces = constantFrom(
      ...[
        'act a',
        ' ',
        ';',
        '&&',
        '|',
        '(',
        ')',
        '{',
        '}',
        '$(',
        '`',
        '"',
        "'",
        '\\',
        '\n',
        '<<E',
        'E\n',
        '<',
        '>',
      ],
      ...[
        'if ',
        'then ',
        'fi',
        'for x in ',
        'do ',
        'done',
        'case ',
        'esac',
        '$x',
        '${x',
        '}',
        'x=',
        '[[',
        '((',
        '!',
      ],
      ...[
        'bash -c ',
        'eval ',
        'xargs ',
        'sudo ',
        'env -S ',
        'find -exec ',
        'make ',
        'cd ',
        'f() ',
        '~',
        '{a,b}',
        '#',
      ],
    )
    hold(
      property(array(pieces, { maxLength: 30 }), parts => {
        const line = parts.join('')
        for (const { words, note } of analyze(line, contextOf({ config, now: ticking() })).effects) {
          expect(words[1]).toBeLessThanOrEqual(line.length)
          expect(note ?? '', line).not.toMatch(/could not be read/)
        }
      }),
      { numRuns: 3_000 },
    )
    hold(
      property(string({ unit: 'binary' }), line => void analyze(line, contextOf({ config, now: ticking() }))),
    )
  })
})

describe('the clock', () => {
  it('stops the analysis after 200 ms, with what was found and one unknown effect', () => {
    let now = 1_000
    const clock = () => {
      now += 50
      return now
    }
    const line = 'act a; act b; act c; act d; act e; act f; act g; act h'
    const { effects, ranOut } = analyze(line, contextOf({ config, now: clock }))
    expect(ranOut).toBe(true)
    expect(effects[0]).toMatchObject({ label: 'node:a' })
    expect(effects.length).toBeLessThan(8)
    expect(effects.at(-1)).toMatchObject({
      label: null,
      effect: 'unknown',
      target: 'unknown',
      words: [0, line.length],
    })
  })

  it('is not the reason to stop if it stands still', () => {
    expect(analyze('act a; '.repeat(2_000), contextOf({ config })).ranOut).toBe(false)
  })
})

describe('what the analysis reads', () => {
  const readBy = (line: string, files: Readonly<Record<string, string>> = {}) => {
    const context = contextOf({ config, files })
    analyze(line, context)
    return context.read
  }

  it('is nothing that the command itself wouldn’t read', () => {
    expect(readBy('act a; echo x > out; cat secrets; ls *.yaml; grep x < words')).toEqual([])
    expect(readBy('bash deploy.sh')).toEqual(['/srv/shop/deploy.sh'])
    expect(readBy('python deploy.py; node x.js; vim y')).toEqual([])
    expect(readBy('npm test; npm install')).toEqual([])
    expect(readBy('chroot /mnt ./deploy.sh')).toEqual([])
  })

  it('doesn’t follow a script that names itself', () => {
    const files = { '/srv/shop/a.sh': './a.sh; source a.sh; act a' }
    expect(readBy('./a.sh', files)).toEqual(['/srv/shop/a.sh'])
  })
})

describe('a purpose', () => {
  const purpose = (line: string) => purposeOf(analyze(line, contextOf({ config })).effects)

  it('names tool, verb and targets', () => {
    expect(purpose('act k8s-1')).toBe('act k8s-1')
    expect(purpose('act a; act b; act "$X"')).toBe('act a b')
    expect(purpose('act "$X"')).toBe('act')
    expect(purpose('for n in a b c d e f; do act $n; done')).toBe('act a b c d and 2 more')
  })

  it('has nothing of the line’s other words', () => {
    for (const secret of [
      'act a --from-literal=password=hunter2',
      'act a -p hunter2 -phunter2',
      'PGPASSWORD=hunter2 act a',
      'act a -H "Authorization: Bearer hunter2"',
      'act a https://ana:hunter2@example.com/',
      'export TOKEN=hunter2; act a --token "$TOKEN"',
      'act a <<< hunter2',
    ])
      expect(purpose(secret)).toBe('act a')
  })
})
