import { describe, expect, it } from 'vitest'
import { labels } from './support/labels.ts'

describe('a wrapped command is found', () => {
  it.each([
    'sudo act a',
    'sudo -u root -E A=b act a',
    'sudo --user=root -- act a',
    'sudo -nu root act a',
    'sudo -s "act a"',
    "sudo bash -c 'act a'",
    'doas -u root act a',
    'env act a',
    'env -i PATH=/bin X=y act a',
    'env -u KUBECONFIG act a',
    'env -S "act a"',
    '/usr/bin/env act a',
    'nohup act a &',
    '/usr/bin/time -f %e act a',
    'timeout 30 act a',
    'timeout -s KILL -k 5 30s act a',
    'timeout --signal=KILL 30s sudo act a',
    'nice act a',
    'nice -n 10 act a',
    'nice -10 act a',
    'ionice -c 3 act a',
    'ionice -c3 nice -n19 act a',
    'stdbuf -oL act a',
    'stdbuf -o L act a',
    'setsid -f act a',
    'command act a',
    'builtin command act a',
    'exec act a',
    'exec -a name act a',
    'echo a | xargs act',
    'echo a | xargs -n1 -P4 act',
    'echo a | xargs -I{} act {}',
    'echo a | xargs -I % sh -c "act %"',
    "echo a | xargs -I{} bash -c 'act {}'",
    'printf "a\\n" | xargs -r --no-run-if-empty act',
    'xargs act <<< a',
    'parallel act ::: a',
    'parallel -j 4 act {} ::: a',
    "parallel 'act {}' ::: a",
    'echo a | parallel act',
    'watch act a',
    "watch -n 5 'act a'",
    'watch -n5 -d act a',
    'flock /tmp/lock act a',
    "flock -w 10 /tmp/lock -c 'act a'",
    "script -q -c 'act a' /dev/null",
    "script -qc 'act a'",
    'strace -f -o out act a',
    'strace -e trace=file act a',
    'unbuffer act a',
    'chroot /mnt act a',
    'chroot --userspec=u:g /mnt /bin/act a',
    "su -c 'act a'",
    "su - ana -c 'act a'",
    'runuser -u ana -- act a',
    "runuser -l ana -c 'act a'",
    'systemd-run --scope -p CPUWeight=1 act a',
    'systemd-run --unit=x act a',
    'find . -name x -exec act a \\;',
    'find . -type f -execdir act a {} +',
    'presence run node:a -- act a',
    'direnv exec . act a',
    'aws-vault exec prod -- act a',
    'aws-vault exec --duration=1h prod -- act a',
    'op run -- act a',
    'op run --env-file=.env -- act a',
    'poetry run act a',
    'nsenter -t 1 -m -u act a',
    'ip netns exec blue act a',
    "echo 'act a' | at now",
    'tmux new-session -d -s x "act a"',
    'screen -dmS x act a',
    'sudo env A=b nohup timeout 5 nice act a',
  ])('in %s', line => {
    expect(labels(line)).toEqual(['a'])
  })
})

it('xargs runs a command once for each part of its input', () => {
  expect(labels('echo a b c | xargs -n1 act')).toEqual(['a', 'b', 'c'])
  expect(labels('echo a b c | xargs -n 2 act')).toEqual(['a', 'c'])
  expect(labels('echo a b c | xargs act')).toEqual(['a'])
  expect(labels('printf "a\\nb\\n" | xargs -I{} act {}')).toEqual(['a', 'b'])
})

describe('an unknown target stays unknown', () => {
  it.each([
    'cat nodes | xargs act',
    'cat nodes | xargs -I{} act {}',
    'cat nodes | xargs -I{} sh -c "act {}"',
    "cat nodes | xargs sh -c 'act $1' _",
    'find . -name "*.yaml" -exec act {} \\;',
    'cat nodes | parallel act {}',
    'parallel act {} ::: $NODES',
    'env "X=$Y" sh -c \'act $X\'',
    'sudo act $UNSET',
  ])('in %s', line => {
    expect(labels(line)).toEqual(['?'])
  })

  it.each([
    'xargs -I{} echo act {}',
    'xargs',
    'parallel',
    'sudo',
    'env',
    'env A=b',
    'timeout 5',
    'op run',
    'find -exec',
  ])('%s alone changes nothing', line => {
    expect(labels(line)).toEqual([])
  })
})

describe('a script that the line names is read one level deep', () => {
  const files = {
    '/srv/shop/deploy.sh': '#!/usr/bin/env bash\nset -e\nact "$1"\n./inner.sh\nsource lib.sh\n',
    '/srv/shop/inner.sh': 'act inner',
    '/srv/shop/lib.sh': 'node=from-lib\nact $node\n',
    '/srv/shop/tool.py': '#!/usr/bin/env python3\nact a\n',
    '/srv/shop/binary': 'act a\0',
    '/srv/shop/sub/x.sh': 'act $PWD',
    '/srv/shop/long.sh': `act a\n${'#'.repeat(300_000)}`,
    '/srv/shop/Makefile': `
NODE ?= k8s-1
CMD := act $(NODE)
.PHONY: all deploy
all: lint deploy
lint:
\t@echo act lint
deploy: prepare | order
\t-$(CMD)
\t@for n in x y; do \\
\t  act $$n; \\
\tdone
prepare: ; act prepare
order:
\tact $@
\tact $(shell hostname)
loop: loop
\t$(MAKE) deploy
deep:
\t./deploy.sh x
`,
    '/srv/shop/package.json': JSON.stringify({
      scripts: { predeploy: 'act pre', deploy: 'act', other: 'npm run deploy' },
    }),
  }
  it.each([
    ['./deploy.sh a', ['a']],
    ['bash deploy.sh a', ['a']],
    ['bash -x ./deploy.sh a', ['a']],
    ['sudo ./deploy.sh a', ['a']],
    ['source deploy.sh a', ['a']],
    ['. ./lib.sh; act $node-2', ['from-lib', 'from-lib-2']],
    ['bash lib.sh; act $node', ['from-lib', '?']],
    ['./deploy.sh', ['?']],
    ['sh < lib.sh', ['from-lib']],
    ['cat lib.sh | sh', ['from-lib']],
    ['cat lib.sh', []],
    ['./tool.py', []],
    ['./binary', []],
    ['./long.sh', []],
    ['./missing.sh', []],
    ['cd sub && ./x.sh', ['/srv/shop/sub']],
    ['make', ['prepare', 'order', '?', 'k8s-1', 'x', 'y']],
    ['make lint', []],
    ['make order', ['order', '?']],
    ['make NODE=a deploy', ['prepare', 'order', '?', 'a', 'x', 'y']],
    ['make -n deploy', []],
    ['make -C /elsewhere deploy', []],
    ['cd / && make -C srv/shop prepare', ['prepare']],
    ['make loop', []],
    ['make deep', []],
    ['make unknown', []],
    ['npm run deploy', ['pre', '?']],
    ['npm run deploy -- a', ['pre', 'a']],
    ['pnpm run other', []],
    ['npm run missing', []],
    ['npm install', []],
  ])('%s', (line, expected) => {
    expect(labels(line, { files, config: { rules: { 'act *': 'node:$1', act: 'node:$1' } } })).toEqual(
      expected,
    )
  })
})

describe('the config', () => {
  it('has rules, which beat tools and fill in what the stars matched', () => {
    const config = {
      rules: {
        'deployctl push *': 'service:$1',
        'terraform apply *': 'stack:own/${cwd}',
        './release *-*': 'service:$2/$1',
      },
    }
    expect(labels('deployctl push web --force', { config })).toEqual(['service:web'])
    expect(labels('sudo /opt/bin/deployctl push --force web', { config })).toEqual(['service:web'])
    expect(labels('deployctl push "$X"', { config })).toEqual(['?'])
    expect(labels('deployctl push', { config })).toEqual(['?'])
    expect(labels('deployctl list', { config })).toEqual([])
    expect(labels('terraform apply -auto-approve', { config })).toEqual(['stack:own/shop'])
    expect(labels('./release web-shop', { config })).toEqual(['service:shop/web'])
  })

  it('ignores commands that match a pattern', () => {
    const line = 'act a; act b --dry; sudo act c'
    expect(labels(line, { config: { ignore: ['act * --dry'] } })).toEqual(['a', 'c'])
    expect(labels(line, { config: { ignore: ['*'] } })).toEqual([])
    expect(labels(line, { config: { ignore: ['act a'] } })).toEqual(['b', 'c'])
    expect(labels(line, { config: { ignore: ['act'] } })).toEqual(['a', 'b', 'c'])
    expect(labels(line, { config: { ignore: [''] } })).toEqual(['a', 'b', 'c'])
  })

  it('has aliases; one of a tool that nobody knows is unknown, not silent', () => {
    expect(labels('a x', { config: { aliases: { a: 'frobnicate' } } })).toEqual(['unknown ?'])
    expect(labels('s act x', { config: { aliases: { s: 'sudo -n' } } })).toEqual(['x'])
    expect(labels('toString; constructor', { config: { aliases: {} } })).toEqual([])
  })
})
