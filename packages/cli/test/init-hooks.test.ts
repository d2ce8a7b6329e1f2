import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const BIN = join(import.meta.dirname, '../bin')

let project: string
beforeEach(() => {
  project = scratchFolder()
  mkdirSync(join(project, '.git'))
  mkdirSync(join(project, 'deep/below'), { recursive: true })
})

const init = (...args: string[]) =>
  presence(['init', '--hooks', ...args], { cwd: join(project, 'deep/below') })
const read = (path: string) => readFileSync(join(project, path), 'utf8')

describe('presence init --hooks', () => {
  it("wires an agent at the project's top, says what it wrote, and the second time finds nothing to do", async () => {
    const first = await init('claude-code')
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toBe(
      `presence: wrote ${project}/.claude/settings.json\npresence: wrote ${project}/CLAUDE.md\n`,
    )
    expect((await init('claude-code')).stdout).toMatch(/nothing to do in .*\n.*nothing to do in/)
  })

  it.each([
    ['claude-code', '.claude/settings.json', 'CLAUDE.md'],
    ['codex', '.codex/hooks.json', 'AGENTS.md'],
    ['gemini-cli', '.gemini/settings.json', 'GEMINI.md'],
    ['cursor', '.cursor/hooks.json', 'AGENTS.md'],
  ])(
    'for %s writes %s, whose commands run and answer, and takes all of it out again',
    async (agent, settings, rules) => {
      expect((await init(agent, '--deny-task-tools')).status).toBe(0)
      const { hooks } = JSON.parse(read(settings))
      const commands = JSON.stringify(hooks).match(/command -v[^"]*/g) ?? []
      expect(commands.length).toBeGreaterThanOrEqual(5)
      for (const command of commands) {
        const env = { PATH: `${BIN}:${process.env['PATH']}`, HOME: project }
        const said = execFileSync('sh', ['-c', command], {
          input: '{"session_id":"s1"}',
          env,
          encoding: 'utf8',
        })
        if (said !== '') expect(JSON.parse(said)).toBeTypeOf('object')
        // Where nobody installed presence, a shared file does no harm.
        execFileSync('/bin/sh', ['-c', command], { stdio: 'ignore', env: { PATH: '/nowhere' } })
      }
      expect(read(rules)).toContain('presence claim <label> --purpose')
      expect((await init(agent, '--remove')).status).toBe(0)
      expect(existsSync(join(project, settings))).toBe(agent === 'cursor')
      expect(existsSync(join(project, rules))).toBe(false)
    },
  )

  it('keeps what else is there, its mode, and a link a link', async () => {
    mkdirSync(join(project, '.claude'))
    writeFileSync(join(project, 'shared.json'), '{\n  // ours\n  "model": "opus"\n}\n', { mode: 0o640 })
    symlinkSync('../shared.json', join(project, '.claude/settings.json'))
    writeFileSync(join(project, 'CLAUDE.md'), '# Rules\n')
    await init('claude-code')
    expect(read('shared.json')).toContain('// ours\n  "model": "opus",')
    expect(statSync(join(project, 'shared.json')).mode & 0o777).toBe(0o640)
    expect(lstatSync(join(project, '.claude/settings.json')).isSymbolicLink()).toBe(true)
    expect(read('CLAUDE.md')).toMatch(/^# Rules\n\n<!-- presence/)
  })

  it('with --user writes into the home, and no rules', async () => {
    const home = scratchFolder()
    const said = await presence(['init', '--hooks', 'claude-code', '--user'], {
      cwd: project,
      env: { HOME: home },
    })
    expect(said.stdout).toBe(`presence: wrote ${home}/.claude/settings.json\n`)
    expect(existsSync(join(project, 'CLAUDE.md'))).toBe(false)
  })

  it('with --print shows both files and writes neither', async () => {
    const said = await init('claude-code', '--print')
    expect(said.stdout).toContain('"PostToolUse"')
    expect(said.stdout).toContain('## Presence')
    expect(existsSync(join(project, '.claude'))).toBe(false)
  })

  it('never writes over settings that it can not read', async () => {
    mkdirSync(join(project, '.claude'))
    writeFileSync(join(project, '.claude/settings.json'), '{"hooks": ')
    const said = await init('claude-code')
    expect(said.status).not.toBe(0)
    expect(said.stderr).toContain('settings.json is no JSON')
    expect(read('.claude/settings.json')).toBe('{"hooks": ')
  })

  it('is proven by doctor --hooks, which names what fires twice and what does not fire', async () => {
    const home = scratchFolder()
    const env = {
      HOME: home,
      PATH: `${BIN}:${process.env['PATH']}`,
      PRESENCE_DSN: `sqlite:${home}/b.db`,
    }
    const doctor = () => presence(['doctor', '--hooks'], { cwd: project, env, within: 20_000 })
    expect((await doctor()).stdout).toContain('note    hooks: no agent has hooks of presence')
    await init('claude-code', '--deny-task-tools')
    await init('cursor')
    const proven = await doctor()
    expect(proven).toMatchObject({ status: 0, stderr: '' })
    expect(proven.stdout).toMatch(/ok {6}claude-code SessionStart: fires in \d+ ms and says nothing/)
    expect(proven.stdout).toMatch(/ok {6}cursor afterFileEdit: fires in/)
    expect(readdirSync(join(home, '.local/state/presence/hooks'))).toEqual([])

    mkdirSync(join(home, '.claude'))
    const other = { type: 'command', command: '/opt/presence-hook SessionStart' }
    writeFileSync(
      join(home, '.claude/settings.json'),
      JSON.stringify({ hooks: { SessionStart: [{ hooks: [other] }] } }),
    )
    const broken = await doctor()
    expect(broken.status).toBe(3)
    expect(broken.stdout).toMatch(/broken {2}hooks: claude-code SessionStart fires 2 times/)
    expect(broken.stdout).toMatch(/broken {2}claude-code SessionStart: ended with 127/)
  })

  it('names the agents that it knows', async () => {
    const said = await init('copilot')
    expect(said.status).toBe(2)
    expect(said.stderr).toContain('claude-code, codex, gemini-cli, cursor')
  })
})
