import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findHandlers } from './find-hooks.ts'
import { httpHook } from './http-hook.ts'

/** A project, and the user's home, in which a file is written by its path. */
function newFolders() {
  const top = mkdtempSync(join(tmpdir(), 'presence-find-'))
  onTestFinished(() => rmSync(top, { recursive: true, force: true }))
  const [project, home] = [join(top, 'project'), join(top, 'home')]
  mkdirSync(project)
  const put = (path: string, content: object) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(content))
  }
  return { project, home, put, find: () => findHandlers({ HOME: home }, project) }
}

const hooksOf = (...hooks: object[]) => ({ hooks: { SessionStart: [{ hooks }] } })

describe('the hooks that doctor checks', () => {
  it('are found in the settings of the project and of the user, and other hooks are left out', () => {
    const { project, home, put, find } = newFolders()
    const ours = 'command -v presence >/dev/null || exit 0; exec presence hook SessionStart'
    put(join(project, '.claude/settings.json'), hooksOf({ command: ours }, { command: 'make lint' }))
    put(join(home, '.claude/settings.local.json'), hooksOf({ command: '/opt/presence-hook SessionStart' }))
    put(join(project, '.cursor/hooks.json'), { hooks: { stop: [{ command: ours }] } })
    expect(find()).toMatchObject([
      { agent: 'claude-code', event: 'SessionStart', ours: true, command: ours },
      { agent: 'claude-code', ours: false, command: '/opt/presence-hook SessionStart' },
      { agent: 'cursor', event: 'stop', ours: true },
    ])
  })

  it('ask only servers that the user trusts: by the user’s own settings, PRESENCE_TRUST, or a board', () => {
    const { project, home, put } = newFolders()
    const [here, away, tricky] = [
      'http://127.0.0.1:8787/hooks/claude-code',
      'https://presence.example/hooks/claude-code',
      'http://localhost:x@127.0.0.1:1/hooks/claude-code',
    ]
    const start = `command -v presence >/dev/null || exit 0; exec presence hook SessionStart --http '${away}'`
    const hooks = [httpHook(here, 3), httpHook(away, 3), { command: start }, httpHook(tricky, 3)]
    put(join(project, '.claude/settings.json'), hooksOf(...hooks))
    put(join(home, '.claude/settings.json'), hooksOf(httpHook(away, 3)))
    const trusted = (env: Record<string, string>) =>
      findHandlers({ HOME: home, ...env }, project).map(each => each.trusted)
    expect(trusted({})).toEqual([false, false, false, false, true])
    expect(trusted({ PRESENCE_TRUST: 'presence.example' })).toEqual([false, true, true, false, true])
    expect(trusted({ PRESENCE_TRUST: '127.0.0.1:8787' })).toEqual([true, false, false, false, true])
    expect(trusted({ PRESENCE_TRUST: '127.0.0.1:1,localhost' })).toEqual([false, false, false, false, true])
    expect(trusted({ PRESENCE_DSN: 'http://127.0.0.1:8787' })).toEqual([true, false, false, false, true])
    put(join(project, '.presence/config.json'), { dsn: 'http://127.0.0.1:8787' })
    expect(trusted({}), 'the project’s own word').toEqual([false, false, false, false, true])
    put(join(home, '.config/presence/config.json'), { dsn: 'http://127.0.0.1:8787' })
    expect(trusted({})).toEqual([true, false, false, false, true])
  })

  it('are also those of Claude Code’s plugin, with the folders filled in, if it is enabled', () => {
    const { home, put, find } = newFolders()
    const installed = join(home, 'plugins/presence')
    const folder = (name: string) => `\${CLAUDE_PLUGIN_${name}}`
    put(
      join(installed, 'hooks/hooks.json'),
      hooksOf({ command: `X="${folder('DATA')}" "${folder('ROOT')}/presence" hook SessionStart` }),
    )
    put(join(home, '.claude/plugins/installed_plugins.json'), {
      plugins: { 'presence@presence': [{ installPath: installed }] },
    })
    expect(find()).toEqual([])
    put(join(home, '.claude/settings.json'), { enabledPlugins: { 'presence@presence': true } })
    const data = join(home, '.claude/plugins/data/presence-presence')
    expect(find()).toMatchObject([
      { ours: true, trusted: true, command: `X="${data}" "${installed}/presence" hook SessionStart` },
    ])
  })
})
