import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { PRESENCE, presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { has, Terminal } from '../../../e2e/support/terminal.ts'

const SHELLS = [
  [
    'bash',
    'bash --noprofile --norc',
    'export PATH="$HOME/bin:$PATH"; PS1="> "; eval "$(presence shell bash)"',
    '$?',
  ],
  ['zsh', 'zsh -f', 'export PATH="$HOME/bin:$PATH"; PS1="> "; eval "$(presence shell zsh)"', '$?'],
  [
    'fish',
    'fish --no-config',
    'set -x PATH $HOME/bin $PATH; function fish_prompt; echo -n "> "; end; presence shell fish | source',
    '$status',
  ],
] as const

let home: string
let env: Readonly<Record<string, string>>
beforeEach(async () => {
  home = scratchFolder()
  mkdirSync(join(home, 'bin'))
  const put = (name: string, text: string) => {
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(home, 'bin', name), 0o755)
  }
  put('kubectl', 'echo "ran $1"; exit 7')
  // Counts how often the shell starts presence.
  put('presence', `echo "$*" >>'${home}/started'; exec '${PRESENCE}' "$@"`)
  env = { HOME: home, PATH: `${home}/bin:${process.env['PATH']}`, PRESENCE_DSN: `sqlite:${home}/board.db` }
  await presence(['claim', 'node:k8s-1', '--purpose', 'replace a disk'], {
    cwd: home,
    env: { ...env, PRESENCE_SESSION_ID: 'bob' },
  })
})

describe.each(SHELLS)('presence shell %s', (shell, start, load, status) => {
  it.skipIf(!has('tmux') || !has(shell))(
    'notes who holds what a command changes, before it runs, and keeps its exit status',
    async () => {
      using terminal = new Terminal(start, env, home)
      terminal.type(load, 'Enter')
      terminal.type('echo loaded', 'Enter')
      await terminal.shows(/^loaded/m)
      terminal.type('kubectl cordon k8s-1', 'Enter')
      const said = await terminal.shows('ran cordon')
      expect(said.replaceAll(/\s+/g, ' ')).toMatch(
        /node:k8s-1 is claimed by: .*bob.*replace a disk.*ran cordon/,
      )
      terminal.type(`echo status=${status}`, 'Enter')
      await terminal.shows('status=7')
      terminal.type('clear', 'Enter')
      terminal.type('echo plain', 'Enter')
      await terminal.shows(/^plain/m)
      terminal.type('false', 'Enter')
      terminal.type(`echo status=${status}`, 'Enter')
      await terminal.shows('status=1')
      const started = readFileSync(join(home, 'started'), 'utf8').trim().split('\n')
      expect(started, 'other commands start nothing').toEqual([
        `shell ${shell}`,
        'guard --holders -- kubectl cordon k8s-1',
      ])
    },
  )
})

describe('presence shell bash', () => {
  it.skipIf(!has('tmux'))('keeps the user’s own traps, prompt and PS0', async () => {
    using terminal = new Terminal('bash --noprofile --norc', env, home)
    terminal.type(
      `export PATH="$HOME/bin:$PATH"; PS1='> '; PS0='own-ps0 '; trap 'own=$((own+1))' DEBUG; PROMPT_COMMAND='pc=1'`,
      'Enter',
    )
    terminal.type('eval "$(presence shell bash)"; eval "$(presence shell bash)"', 'Enter')
    terminal.type('kubectl cordon k8s-1', 'Enter')
    const said = await terminal.shows('ran cordon')
    expect(said.match(/is claimed by/g)).toHaveLength(1)
    expect(said).toContain('own-ps0')
    terminal.type('clear', 'Enter')
    terminal.type(' echo own=$((own > 1)) $pc "$(trap -p DEBUG | wc -l)"', 'Enter')
    await terminal.shows(/^(own-ps0 )?own=1 1 1/m)
  })

  it('prints a script that has no text of others in it, and refuses another shell', async () => {
    mkdirSync(join(home, '.config/presence'), { recursive: true })
    writeFileSync(
      join(home, '.config/presence/config.json'),
      JSON.stringify({ guard: { aliases: { '$(touch${IFS}x)': 'kubectl', k: 'kubectl' } } }),
    )
    const said = await presence(['shell', 'bash'], { cwd: home, env })
    expect(said.stdout).toMatch(/\|k\b|\(k\|/)
    expect(said.stdout).not.toContain('touch')
    expect(await presence(['shell', 'tcsh'], { cwd: home, env })).toMatchObject({ status: 2 })
  })
})
