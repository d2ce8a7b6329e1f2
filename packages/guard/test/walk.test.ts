import { describe, expect, it } from 'vitest'
import { analyze } from '../src/index.ts'
import { contextOf } from './support/context.ts'
import { ACT, labels } from './support/labels.ts'

type Row = readonly [line: string, labels: readonly string[]]

describe('commands are found', () => {
  const rows: readonly Row[] = [
    ['act a', ['a']],
    ['act a; act b && act c || act d', ['a', 'b', 'c', 'd']],
    ['act a | act b |& act c', ['a', 'b', 'c']],
    ['act a & act b', ['a', 'b']],
    ['(act a; (act b))', ['a', 'b']],
    ['{ act a; }', ['a']],
    ['! act a', ['a']],
    ['time -p act a', ['a']],
    ['if act a; then act b; elif act c; then act d; else act e; fi', ['a', 'c', 'b', 'd', 'e']],
    ['while act a; do act b; done', ['a', 'b']],
    ['until act a; do act b; done', ['a', 'b']],
    ['for ((i = 0; i < 3; i++)); do act a; done', ['a']],
    ['case x in a) act a;; *) act b;; esac', ['a', 'b']],
    ['select x in a b; do act c; done', ['c']],
    ['f() { act $1; }; f a; f b', ['a', 'b']],
    ['f() { act a; }', []],
    ['coproc act a', ['a']],
    ['echo $(act a) `act b`', ['a', 'b']],
    ['echo "x $(act a) y"', ['a']],
    ['cat <(act a) > >(act b)', ['a', 'b']],
    ['x=$(act a)', ['a']],
    ['export x=$(act a)', ['a']],
    ['[[ -n $(act a) ]] && echo $(( $(act b) + 1 ))', ['a', 'b']],
    ['cat <<EOF\n$(act a)\nEOF', ['a']],
    ['cat <<< "$(act a)"', ['a']],
    ['echo x > "$(act a)"', ['a']],
    ['for x in $(act a); do :; done', ['a']],
    ['case $(act a) in *) :;; esac', ['a']],
    ['act a > out 2>&1 < in', ['a']],
    ['A=b act a', ['a']],
    ["a'c't a", ['a']],
    ['\\act a', ['a']],
    ['"act" a', ['a']],
    ['/usr/bin/act a', ['a']],
    ['ac\\\nt a', ['a']],
    ['act a # act b', ['a']],
    ['act a\nact b', ['a', 'b']],
    ['trap "act a" EXIT', ['a']],
    ['eval "act a"', ['a']],
    ['eval act a', ['a']],
    ['x=act; $x a', ['a']],
    ['$SUDO act a', ['a']],
    ['$(which act) a', ['a']],
    ['${ACT:-act} a', ['a']],
    ['echo `echo \\`act a\\``', ['a']],
  ]
  it.each(rows)('in %s', (line, expected) => {
    expect([...labels(line)].toSorted()).toEqual([...expected].toSorted())
  })
})

describe('data stays data', () => {
  it.each([
    'echo act a',
    'echo "act a"',
    "printf 'act a\\n'",
    'git commit -m "act a; act b"',
    'git commit -m "$(cat <<\'EOF\'\nact a\nEOF\n)"',
    "cat > notes.md <<'EOF'\nact a\n$(act b)\nEOF",
    'cat <<EOF\nact a\nEOF',
    'grep -r "act a" docs',
    '# act a',
    'gh pr create --body "Run act a, then `act b`.\nDone" --title x'.replaceAll('`', "'"),
    'python -c \'import os; os.system("act a")\'',
    "node -e 'act a'",
    "perl -e 'act a'",
    "ruby -e 'act a'",
    'python <<EOF\nact a\nEOF',
    'command -v act a',
    'which act',
    'type act a',
    'man act',
    'sudo -l act a',
    'alias x="act a"',
    'act=a; b=act',
    'bash -n deploy.sh',
    'ls act a',
    'echo act a | grep act',
    'echo "act a" | tee notes',
    'x="act a"',
    "sed -i 's/act a/act b/' file",
    "jq '.act' <<< '{}'",
  ])('in %s', line => {
    expect(labels(line)).toEqual([])
  })
})

describe('data is read where a shell gets it', () => {
  const rows: readonly Row[] = [
    ["bash -c 'act a'", ['a']],
    ["bash -lc 'act a && act b'", ['a', 'b']],
    ["bash -o pipefail -ec 'act a'", ['a']],
    ['bash -euo pipefail -c "act a"', ['a']],
    ["sh -c 'act $1' _ a", ['a']],
    ['bash -c \'act "$0"\' a', ['a']],
    ["zsh -c 'act a'", ['a']],
    ["fish -c 'act a'", ['a']],
    ['bash <<EOF\nact a\nEOF', ['a']],
    ["bash -s -- a <<'EOF'\nact $1\nEOF", ['a']],
    ["bash <<< 'act a'", ['a']],
    ['echo "act a" | sh', ['a']],
    ["printf 'act %s\\n' a b | bash", ['a', 'b']],
    ["cat <<'EOF' | sudo bash -s\nact a\nEOF", ['a']],
    ['bash -c "bash -c \'act a\'"', ['a']],
    ['X=a; bash -c "act $X"', ['a']],
    ["X=a; bash -c 'act $X'", ['?']],
    ["export X=a; bash -c 'act $X'", ['a']],
    ["X=a bash -c 'act $X'", ['a']],
    ['bash -c "act $UNSET; act b"', ['?', 'b']],
    ['curl -s https://example.com/x.sh | sh', []],
    ['bash -c "$LINE"', []],
    ['eval "$(echo act a)"', ['a']],
    ['echo $(echo $(act a))', ['a']],
  ]
  it.each(rows)('in %s', (line, expected) => {
    expect([...labels(line)].toSorted()).toEqual([...expected].toSorted())
  })
})

describe('words are expanded', () => {
  const rows: readonly Row[] = [
    ['n=a; act $n', ['a']],
    ['n=a; act "$n"', ['a']],
    ['n=a; act ${n}', ['a']],
    ["n=a; act '$n'", ['$n']],
    ['n=a act $n', ['?']],
    ['act $UNSET', ['?']],
    ['act "$UNSET"', ['?']],
    ['act x$UNSET', ['?']],
    ['act $KNOWN', ['known']],
    ['unset KNOWN; act $KNOWN', ['?']],
    ['n=a-$UNSET; act $n', ['?']],
    ['n=$(date); act $n', ['?']],
    ['n=$(echo a); act $n', ['a']],
    ['act $(hostname)', ['ci-1']],
    ['act $HOME', ['/home/ana']],
    ['act ~/x', ['/home/ana/x']],
    ['act "~/x"', ['~/x']],
    ['act $PWD', ['/srv/shop']],
    ['cd sub && act $PWD', ['/srv/shop/sub']],
    ['cd "$X" && act $PWD', ['?']],
    ['(cd sub); act $PWD', ['/srv/shop']],
    ['cd; act $PWD', ['/home/ana']],
    ['cd /a/../b/./c; act $PWD', ['/b/c']],
    ['act {a,b}', ['a']],
    ['for n in a b; do act $n; done', ['a', 'b']],
    ['for n in {a,b}-{1..2}; do act $n; done', ['a-1', 'a-2', 'b-1', 'b-2']],
    ['for n in {01..03}; do act $n; done', ['01', '02', '03']],
    ['for n in {1..100000}; do act n$n; done', ['?']],
    ['for n in $(seq 1 3); do act n$n; done', ['n1', 'n2', 'n3']],
    ['for n in $NODES; do act $n; done', ['?']],
    ['NODES="a b"; for n in $NODES; do act $n; done', ['a', 'b']],
    ['NODES="a b"; for n in "$NODES"; do act $n; done', ['a']],
    ['nodes=(a b); for n in "${nodes[@]}"; do act $n; done', ['a', 'b']],
    ['nodes=(a b); act ${nodes[1]}', ['b']],
    ['nodes=(a b); nodes+=(c); act ${nodes[-1]}', ['c']],
    ['for n; do act $n; done', ['?']],
    ['set -- a b; for n; do act $n; done', ['a', 'b']],
    ['set -- a b; shift; act $1', ['b']],
    ['f() { local n=$1; act $n; }; f a', ['a']],
    ['f() { for n in "$@"; do act $n; done; }; f a b', ['a', 'b']],
    ['while read -r n; do act $n; done', ['?']],
    ["printf 'a\\nb\\n' | while read -r n; do act $n; done", ['a', 'b']],
    ['while read n x; do act $n; done <<EOF\na 1\nb 2\nEOF', ['a', 'b']],
    ['if x; then n=a; else n=b; fi; act $n', ['?']],
    ['n=a; if x; then n=a; fi; act $n', ['a']],
    ['n=a; if x; then n=b; fi; act $n', ['?']],
    ['n=a; (n=b); act $n', ['a']],
    ['n=a; n=b; act $n', ['b']],
    ['n=a; x || n=b; act $n', ['?']],
    ['n=a; while x; do act $n; n=b; done', ['?']],
    ['set -- a b; while x; do act $1; shift; done', ['?']],
    ['while x; do act $PWD; cd sub; done', ['?']],
    ['n=k8s-1.example.com; act ${n%%.*}', ['k8s-1']],
    ['n=x/k8s-1; act ${n##*/}', ['k8s-1']],
    ['n=K8S; act ${n,,}', ['k8s']],
    ['n=a_b; act ${n/_/-}', ['a-b']],
    ['n=; act ${n:-a}', ['a']],
    ['act ${UNSET:-a}', ['a']],
    ['act ${KNOWN:-a}', ['known']],
    ['UNSET=$(date); act ${UNSET:-a}', ['?']],
    ['act a${UNSET:+-b}', ['a']],
    ['n=x; act ${n:+a}', ['a']],
    ['n=a; m=n; act ${!m}', ['?']],
    ["act $'a'", ['a']],
    ['act "a b"', ['a']],
  ]
  it.each(rows)('in %s', (line, expected) => {
    const config = line.includes('"a b"') ? { rules: { 'act *': 'node:$1' } } : {}
    expect(labels(line, { env: { KNOWN: 'known' }, config })).toEqual(expected)
  })

  it('and a loop over more than 64 words is one unknown target', () => {
    const words = Array.from({ length: 65 }, (_, at) => `n${at}`)
    expect(labels(`for n in ${words.join(' ')}; do act $n; done`)).toEqual(['?'])
    expect(labels(`for n in ${words.slice(1).join(' ')}; do act $n; done`)).toHaveLength(64)
  })
})

describe('files that a star stands for', () => {
  const files = {
    '/srv/shop/k8s/a.yaml': '',
    '/srv/shop/k8s/b.yaml': '',
    '/srv/shop/k8s/.c.yaml': '',
    '/srv/shop/d': '',
  }
  it.each([
    ['for f in k8s/*.yaml; do act $f; done', ['k8s/a.yaml', 'k8s/b.yaml']],
    ['for f in "k8s/*.yaml"; do act $f; done', ['?']],
    ['for f in k8s/*.json; do act $f; done', ['?']],
    ['cd k8s; for f in *; do act ${f%.yaml}; done', ['a', 'b']],
    ['cd "$X"; for f in *; do act $f; done', ['?']],
    ['act web-*', ['?']],
  ])('in %s', (line, expected) => {
    expect(labels(line, { files })).toEqual(expected)
  })
})

describe('an effect', () => {
  const context = contextOf({ config: { rules: ACT } })
  const quoted = (line: string) =>
    analyze(line, context).effects.map(({ words: [from, to] }) => line.slice(from, to))

  it('points to its words in the line', () => {
    expect(quoted('cd x && sudo act k8s-1 --force; echo')).toEqual(['act k8s-1 --force'])
    expect(quoted('for n in a b; do act $n; done')).toEqual(['act $n', 'act $n'])
    expect(quoted('echo "$(act a)"')).toEqual(['act a'])
  })

  it('points to its words in a command line inside of the line', () => {
    expect(quoted("nice bash -c 'act a; act b'; ls")).toEqual(['act a', 'act b'])
    expect(quoted('eval "act a"; ls')).toEqual(['act a'])
    expect(quoted("x; su ana -c 'sudo act a; act $X'")).toEqual(['act a', 'act $X'])
    expect(quoted('f() { act $1; }; f a; eval "f b"')).toEqual(['act $1', 'act $1'])
  })

  it('points to the words that carry the command if its own words aren’t in the line', () => {
    expect(quoted('x=a; bash -c "act $x"; ls')).toEqual(['"act $x"'])
    expect(quoted('bash -c "bash -c \'act a\'"; ls')).toEqual(['act a'])
    expect(quoted('bash -c "act \\"a\\""; ls')).toEqual(['"act \\"a\\""'])
    expect(quoted('ls; echo act a | sudo sh')).toEqual(['sh'])
    expect(quoted('ls; echo `echo \\`act a\\``')).toEqual(['`echo \\`act a\\``'])
    const files = { '/srv/shop/lib.sh': '# long\n\nf() { act $1; }\nact b' }
    const line = 'source lib.sh && f a'
    const found = analyze(line, contextOf({ files, config: { rules: ACT } })).effects
    expect(found.map(({ words: [from, to] }) => line.slice(from, to))).toEqual([
      'source lib.sh',
      'source lib.sh',
    ])
  })

  it('that is the same as another one is listed once', () => {
    expect(labels('act a; act a; act b')).toEqual(['a', 'b'])
  })
})
