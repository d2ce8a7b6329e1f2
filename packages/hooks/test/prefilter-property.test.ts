import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyze, type GuardConfig, programNames } from '@presence/guard'
import { nodeContext } from '@presence/guard/node'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WRAPPERS } from '../../guard/src/wrappers/table.ts'
import { PrefilterSession, SHELLS } from './prefilter-shell.ts'

const CONFIG: GuardConfig = { rules: { 'drainctl node *': 'node:$1' }, aliases: { k: 'kubectl' } }
/** What hides in the environment. */
const ENV = { HIDDEN: 'drainctl', HALF: 'drain' }

const files: Readonly<Record<string, string>> = {
  'deploy.sh': '#!/bin/bash\nset -e\ndrainctl node n1\n',
  'plain.sh': 'drainctl node n1\n',
  'other.py': '#!/usr/bin/env python3\nprint("drainctl node n1")\n',
  'commands.txt': 'drainctl node n1\n',
  Makefile: 'all: drain\n\techo done\n\ndrain:\n\t@drainctl node n1\n',
  'package.json': JSON.stringify({ scripts: { drain: 'drainctl node n1', build: 'tsc' } }),
  'sub/deploy.sh': 'echo nothing\n',
  'sub/run.sh': 'drainctl node n1\n',
}

let session: PrefilterSession
beforeAll(() => {
  session = new PrefilterSession(programNames(CONFIG))
  mkdirSync(join(session.folder, 'sub'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(session.folder, name), text)
})
afterAll(() => session[Symbol.dispose]())

const name = 'drainctl'
const at = fc.integer({ min: 1, max: name.length - 1 })
/** The program's name, in the ways in which a shell lets it be written. */
const program = fc.oneof(
  { weight: 2, arbitrary: fc.constant(name) },
  at.map(cut => `${name.slice(0, cut)}""${name.slice(cut)}`),
  at.map(cut => `${name.slice(0, cut)}'${name.slice(cut)}'`),
  at.map(cut => `"${name.slice(0, cut)}"${name.slice(cut)}`),
  at.map(cut => `${name.slice(0, cut)}\\${name.slice(cut)}`),
  at.map(cut => `${name.slice(0, cut)}\\\n${name.slice(cut)}`),
  at.map(cut => `$(echo ${name.slice(0, cut)})${name.slice(cut)}`),
  at.map(cut => `${name.slice(0, cut)}$(echo ${name.slice(cut)})`),
  at.map(cut => `"$(printf '%s' ${name.slice(0, cut)})"${name.slice(cut)}`),
  at.map(cut => `\`echo ${name.slice(0, cut)}\`${name.slice(cut)}`),
  at.map(cut => `$'${name.slice(0, cut)}\\x${name.charCodeAt(cut).toString(16)}'${name.slice(cut + 1)}`),
  at.map(cut => `{${name.slice(0, cut)},}${name.slice(cut)}`),
  fc.constantFrom(
    `\\${name}`,
    `'${name}'`,
    `"${name}"`,
    `/usr/local/bin/${name}`,
    `"/opt/my tools/${name}"`,
    '$HIDDEN',
    '"$HIDDEN"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variables
    '${HIDDEN}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variables
    '${HALF}ctl',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variables
    '"${HALF}"ctl',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variables
    '${NONE:-drainctl}',
  ),
)
/** `drain%s` stands for what a later step fills in. */
const simple = fc
  .tuple(program, fc.constantFrom(' node n1', ' node "n1"', ' node n1 --force', ' "node" n1 2>&1'))
  .map(parts => parts.join(''))

const inSingle = (line: string) => `'${line.replaceAll("'", "'\\''")}'`
const inDouble = (line: string) => `"${line.replaceAll(/[\\"$`]/g, '\\$&')}"`

/** Something around a command that still runs it. */
const wrapped = fc.constantFrom<(line: string) => string>(
  line => line,
  line => `sudo ${line}`,
  line => `sudo -u root -- ${line}`,
  line => `sudo --user="root" -E ${line}`,
  line => `env -i A=b C="d e" ${line}`,
  line => `timeout 30 ${line}`,
  line => `nohup nice -n 5 ${line} &`,
  line => `time -p ${line}`,
  line => `command ${line}`,
  line => `exec ${line}`,
  line => `flock /tmp/lock ${line}`,
  line => `flock -w 5 /tmp/lock -c ${inSingle(line)}`,
  line => `xargs -r ${line} < commands.txt`,
  line => `find . -name "*.yaml" -exec ${line} \\;`,
  line => `watch -n 5 ${inDouble(line)}`,
  line => `bash -c ${inSingle(line)}`,
  line => `sh -ec ${inDouble(line)}`,
  line => `su - root -c ${inSingle(line)}`,
  line => `eval ${inSingle(line)}`,
  line => `trap ${inSingle(line)} EXIT`,
  line => `env --split-string=${inSingle(line)}`,
  line => `echo ${inSingle(line)} | sh`,
  line => `bash <<< ${inSingle(line)}`,
  line => `bash <<'EOF'\n${line}\nEOF\n`,
  line => `cat <<EOF | sh -s\n${line}\nEOF\n`,
  line => `cat <<'X' > note.txt\nnothing\nX\n${line}`,
  line => `cat <<EOF\n$(${line})\nEOF\n`,
  line => `(${line})`,
  line => `{ ${line}; }`,
  line => `A="x y" B=z ${line}`,
  line => `>&2 ${line}`,
  line => `2>"a b" ${line}`,
  line => `if true; then ${line}; fi`,
  line => `while ! ${line}; do sleep 1; done`,
  line => `for i in 1 2; do ${line}; done`,
  line => `case x in y) ls ;; *) ${line} ;; esac`,
  line => `f() { ${line}; }; f`,
  line => `echo "$(${line})"`,
  line => `tee >(${line})`,
  line => `! ${line}`,
  line => `op run -- ${line}`,
  line => `echo ${inSingle(line)} | at now`,
  line => `uv run ${line}`,
)

/** Something beside a command. */
const joined = fc.constantFrom<(line: string) => string>(
  line => line,
  line => `ls -la && ${line}`,
  line => `cd sub; ${line}`,
  line => `git status\n${line}`,
  line => `git status \\\n\n${line}`,
  line => `git log \\\n  --oneline && \\\n  ${line}`,
  line => `echo "it's done" | tee log; ${line}`,
  line => `git commit -m "Don't \`drain\`" ; ${line}`,
  line => `# drain it\n${line}`,
  line => `${line} | tail -5`,
  line => `${line} || true`,
  line => `set -euo pipefail; export A="b c"; ${line}`,
)

const whole = fc.constantFrom(
  './deploy.sh',
  './plain.sh --now',
  'bash deploy.sh',
  'sh -e plain.sh',
  'source plain.sh',
  '. ./plain.sh',
  'sh < commands.txt',
  'cat commands.txt | bash',
  '$(cat commands.txt)',
  'make',
  'make drain',
  'make -f Makefile all',
  'npm run drain',
  'pnpm run drain -- --x',
  'cd sub && ./run.sh',
  'cd sub && sh run.sh',
  'cd sub && cd .. && ./plain.sh',
  '(cd sub); ./plain.sh',
  'env -C sub ./run.sh',
  'sudo ./plain.sh',
  'K=drainctl; $K node n1',
  'K=drain; L=ctl; "$K$L" node n1',
  'for c in drainctl; do $c node n1; done',
  'read -r K <<< drain""ctl; $K node n1',
  'set -- drain""ctl node n1; "$@"',
  'echo kube n1 | xargs -I% drain%',
  'echo drain | xargs -I% %ctl node n1',
  'echo drain""ctl node n1 | xargs env',
  'echo n1 | xargs drainctl node',
  'parallel {}ctl node n1 ::: drain',
  'printf "drain%s node n1" ctl | sh',
  'k delete pod x',
)

const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(simple, wrapped, joined).map(([a, wrap, join]) => join(wrap(a))) },
  { weight: 3, arbitrary: fc.tuple(simple, wrapped, wrapped).map(([a, one, two]) => two(one(a))) },
  { weight: 1, arbitrary: fc.tuple(whole, joined).map(([a, join]) => join(a)) },
)

/** A payload in which some characters of the command are escaped as JSON allows. */
const payload = fc
  .tuple(line, fc.array(fc.nat(200), { maxLength: 2 }))
  .map(([command, escaped]) => ({ command, escaped }))

function jsonOf({
  command,
  escaped,
}: {
  readonly command: string
  readonly escaped: readonly number[]
}): string {
  const text = [...command]
    .map((character, index) =>
      escaped.includes(index)
        ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
        : JSON.stringify(character).slice(1, -1),
    )
    .join('')
  return JSON.stringify(session.payload('COMMAND')).replace('COMMAND', () => text)
}

function changes(command: string): boolean {
  const context = nodeContext({ cwd: session.folder, env: { HOME: session.folder, ...ENV }, config: CONFIG })
  return analyze(command, context).effects.some(({ effect }) => effect === 'changes')
}

describe.each(SHELLS.map(shell => ({ shell, name: shell.join(' ') })))(
  'the prefilter, under $name',
  ({ shell }) => {
    it('starts Node for every command in which the guard finds a change', () => {
      let found = 0
      fc.assert(
        fc.property(fc.array(payload, { minLength: 150, maxLength: 250 }), payloads => {
          const guarded = payloads.filter(({ command }) => changes(command))
          found += guarded.length
          const starts = session.startsFor(shell, guarded.map(jsonOf))
          const missed = guarded.filter((_, index) => starts[index] === false)
          expect(missed.map(({ command }) => command)).toEqual([])
        }),
        { numRuns: 4 },
      )
      expect(found, 'commands that change something').toBeGreaterThan(200)
    })

    it('knows every wrapper that the guard follows', () => {
      const commands = WRAPPERS.flatMap(({ names, verbs = [''] }) =>
        names
          .filter(each => each !== '-')
          .flatMap(each => verbs.map(verb => `${each} ${verb} -- dr"ainctl" node n1`)),
      )
      const starts = session.startsFor(
        shell,
        commands.map(command => JSON.stringify(session.payload(command))),
      )
      expect(commands.filter((_, index) => !starts[index])).toEqual([])
    })
  },
)
