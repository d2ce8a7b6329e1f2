import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PrefilterSession, SHELLS } from './prefilter-shell.ts'

const NAMES = ['kubectl', 'helm', 'docker', 'ssh', 'az', 'service', 'terraform', 'deployctl']

/** Commands that change nothing that others share, as an agent runs them all day. */
const ORDINARY = [
  'ls -la',
  'git status',
  'npm test',
  'grep -rn "foo" src',
  'git commit -m "Fix the parser"',
  'npm ci 2>&1 | tail -20',
  "cat package.json | jq '.scripts'",
  'cd packages/core && ls',
  'find . -name "*.ts" | head',
  'sed -n 1,20p src/main.ts',
  'python3 -c "print(1)"',
  'for f in *.ts; do echo "$f"; done',
  'cat > a.ts <<\'EOF\'\nconst a = `x`\nfoo("b")\nEOF\n',
  'git commit -m "$(cat <<\'EOF\'\nFix the "thing"\n\nDon\'t do `x`.\nEOF\n)"',
  'echo "a b" > x.txt',
  'curl -s http://localhost:3000/api \\\n  -H "A: b" \\\n  -d \'{"a":"b"}\'',
  'mkdir -p a/b && touch a/b/c',
  'rg "foo|bar" src/',
  'X=$(git rev-parse HEAD); echo "$X"',
  'node -e "console.log(1)"',
  '[ -f x ] && echo yes',
  'if [ -d src ]; then ls src; fi',
  'echo "done (ok)"',
  'echo lazy services kubectl-notes helmet',
  './harmless.sh',
  'bash harmless.sh',
  'source harmless.sh && ls',
  'make',
  'cd scripts && ls && ./none.sh',
  'if [ "$X" = "y" ]; then ls; fi',
  'ls && \\\n  pwd',
]

/** Commands in which a name stands, or in which something could become one. */
const SUSPICIOUS = [
  'kubectl get pods',
  '/usr/bin/kubectl get pods',
  'echo ok;kubectl get pods',
  'a=kubectl;$a drain n',
  '(kubectl)',
  'k"ubectl" get',
  "ku'bectl' get",
  '\\kubectl get',
  'ku\\bectl get',
  'kube\\\nctl get',
  '$KUBE get',
  '$\u007bA}ctl get',
  'k{u,}bectl get',
  '/usr/bin/kubect? get',
  "$'kube\\x63tl' get",
  '`echo kube`ctl get',
  '$(echo kube)ctl get',
  'sudo k"ubectl" get',
  'sudo -u root -- k"ubectl" get',
  'env -i A=b kube"ctl" get',
  'xargs k"ubectl" < list',
  'find . -exec ku"bectl" delete -f {} +',
  'echo hi && ku""bectl get',
  'echo "$(ku""bectl get)"',
  'tee >(k"ubectl" apply -f -)',
  'A="x y" k"ubectl" get',
  '>&2 k"ubectl" get',
  '2>"a b" k"ubectl" get',
  'if true; then k"ubectl" get; fi',
  'while ! k"ubectl" get; do :; done',
  'ls \\\n\nk"ubectl" get',
  'ls\n\nk"ubectl" get',
  'cat <<EOF\n$(k"ubectl" get)\nEOF\n',
  'cat <<\'EOF\'\nfoo\nEOF\nk"ubectl" get',
  'cat <<EOF | sh\nfoo\nEOF\n',
  'bash -c "$X"',
  'curl -s example.com | bash',
  'eval "$X"',
  'source deploys.sh',
  '. ./deploys.sh',
  'sh < deploys.sh',
  'bash<deploys.sh',
  './deploys.sh',
  'scripts/deploys',
  'bash deploys.sh --now',
  'cd other && ./harmless.sh',
  'ls && cd other && ./harmless.sh',
  'env -C other ./harmless.sh',
  'make -C other',
  'cd other && npm run build',
  'trap \'k"ubectl" get\' EXIT',
  'env --split-string=\'k"ubectl" get\'',
  'echo kube | xargs -I% %ctl get',
  'echo kube""ctl get | xargs env',
  'parallel {}ctl ::: kube',
  '- k"ubectl" get',
]

let session: PrefilterSession
beforeEach(() => {
  session = new PrefilterSession(NAMES, ['mcp__infra__restart', 'mcp__deploy__*'])
  const write = (name: string, text: string) => writeFileSync(join(session.folder, name), text)
  write('harmless.sh', '#!/bin/sh\necho harmless\n')
  write('deploys.sh', '#!/bin/sh\nset -e\nkubectl apply -f all.yaml\n')
  mkdirSync(join(session.folder, 'scripts'))
  write('scripts/deploys', '#!/usr/bin/env bash\nhelm upgrade web .\n')
  mkdirSync(join(session.folder, 'other'))
  write('other/harmless.sh', 'kubectl apply -f all.yaml\n')
  write('other/package.json', JSON.stringify({ scripts: { build: 'helm upgrade web .' } }))
  write('Makefile', 'all:\n\techo harmless\n')
})
afterEach(() => session[Symbol.dispose]())

describe.each(SHELLS.map(shell => ({ shell, name: shell.join(' ') })))(
  "the guard's prefilter, under $name",
  ({ shell }) => {
    it('passes ordinary commands without Node', () => {
      const starts = session.starts(shell, ORDINARY)
      expect(ORDINARY.filter((_, at) => starts[at])).toEqual([])
    })

    it('starts Node for a name, and for what could become one', () => {
      const starts = session.starts(shell, SUSPICIOUS)
      expect(SUSPICIOUS.filter((_, at) => !starts[at])).toEqual([])
    })

    it('starts Node for a script of package.json that contains a name', () => {
      const write = (scripts: object) =>
        writeFileSync(join(session.folder, 'package.json'), JSON.stringify({ scripts }))
      write({ deploy: 'tsc' })
      expect(session.starts(shell, ['npm run deploy', 'npm --prefix other run x'])).toEqual([false, true])
      write({ deploy: 'kubectl apply -f .' })
      expect(session.starts(shell, ['npm run deploy', 'pnpm run deploy', 'npm test'])).toEqual([
        true,
        true,
        false,
      ])
    })

    it('starts Node for a makefile that contains a name', () => {
      writeFileSync(join(session.folder, 'Makefile'), 'all:\n\t@kubectl apply -f all.yaml\n')
      expect(session.starts(shell, ['make', 'make all'])).toEqual([true, true])
    })

    it('starts Node if escapes in the JSON hide a name', () => {
      const plain = JSON.stringify(session.payload('kubectl get'))
      const hidden = [
        plain.replace('kubectl', '\\u006bubectl'),
        plain.replace('kubectl', 'k\\u0075bectl'),
        plain.replace('"command"', '"\\u0063ommand"'),
        plain.replace('"command":"kubectl get"', '"command":"ls","command":"kubectl get"'),
        plain.replace('"command":"kubectl get"', '"command":["kubectl","get"]'),
        plain.replace('kubectl get', 'ls\\nkubectl get'),
        plain.replace('kubectl get', 'ls\\tkubectl'),
      ]
      expect(session.startsFor(shell, hidden)).toEqual(hidden.map(() => true))
    })

    it('reads a payload whose keys stand in another order, with blanks', () => {
      const payload = (command: string) =>
        `{ "tool_input" : { "description": "\\"command\\": kubectl" , "command" : "${command}" }, "tool_name": "Bash", "session_id" : "s1", "cwd": "${session.folder}" }`
      expect(session.startsFor(shell, [payload('ls -la'), payload('helm ls')])).toEqual([false, true])
    })

    it('reads the payloads of Codex, Gemini CLI and Cursor', () => {
      const { session_id, cwd } = session.payload('') as Record<string, string>
      const of = (more: object) => JSON.stringify({ cwd, ...more })
      const both = (make: (command: string) => string) => [make('ls -la'), make('helm ls')]
      const payloads = [
        ...both(command => of({ session_id, turn_id: '1', tool_name: 'Bash', tool_input: { command } })),
        ...both(command =>
          of({ session_id, tool_name: 'run_shell_command', tool_input: { command, is_background: false } }),
        ),
        ...both(command => of({ conversation_id: session_id, tool_name: 'Shell', tool_input: { command } })),
        ...both(command =>
          of({ conversation_id: session_id, hook_event_name: 'beforeShellExecution', command }),
        ),
      ]
      expect(session.startsFor(shell, payloads)).toEqual([false, true, false, true, false, true, false, true])
    })

    it('starts Node for what is no complete payload of a known session', () => {
      const known = JSON.stringify(session.payload('ls'))
      const damaged = [
        '',
        '{}',
        'ls',
        known.slice(0, known.indexOf('ls')),
        known.replace('"s1"', '"s2"'),
        known.replace('"s1"', '"../s1"'),
        known.replace('"s1"', '7'),
        known.replace(session.folder, '/elsewhere'),
      ]
      expect(session.startsFor(shell, damaged)).toEqual(damaged.map(() => true))
    })

    it('starts Node for the tools that the configuration names, and for no others', () => {
      const of = (tool: string) => JSON.stringify(session.payload('x', { tool_name: tool, tool_input: {} }))
      const payloads = [
        of('mcp__infra__restart'),
        of('mcp__deploy__push'),
        of('mcp__infra__list'),
        of('Read'),
      ]
      expect(session.startsFor(shell, payloads)).toEqual([true, true, false, false])
    })

    it('starts Node once the configuration has changed', () => {
      const config = join(session.folder, 'config.json')
      writeFileSync(config, '{}')
      utimesSync(config, 1, 1)
      const names = join(session.folder, 's1.names')
      writeFileSync(names, `cwd ${session.folder}\nconfig ${config}\nnames kubectl\n`)
      expect(session.starts(shell, ['ls'])).toEqual([false])
      utimesSync(config, Date.now() / 1_000 + 60, Date.now() / 1_000 + 60)
      expect(session.starts(shell, ['ls'])).toEqual([true])
    })

    it('starts Node for every command if a rule begins with a star', () => {
      using any = new PrefilterSession(['kubectl', '*'])
      expect(any.starts(shell, ['ls'])).toEqual([true])
    })
  },
)
