import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { isNoAnswer } from './support/answered.ts'
import { hasClaudeCode, promptClaude, runClaude } from './support/claude-code.ts'
import { presence, presenceOn } from './support/cli.ts'
import { startModel, type Turn } from './support/model.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const ROOT = join(import.meta.dirname, '..')
const PLUGIN = join(ROOT, 'dist/claude-code-plugin')
/** Where a person would install the command, and the Node that runs it. */
const ON_PATH = `${join(ROOT, 'packages/cli/bin')}:${join(ROOT, 'node_modules/node/bin')}:${process.env['PATH']}`
const ONLY_NODE = `${join(ROOT, 'node_modules/node/bin')}:/usr/bin:/bin`

let home: string
let project: string
beforeEach(() => {
  home = scratchFolder()
  project = join(home, 'project')
  mkdirSync(join(project, '.git'), { recursive: true })
})

const wire = (...args: string[]) =>
  presence(['init', '--hooks', 'claude-code', ...args], { cwd: project, env: { HOME: home } })

async function installPlugin(): Promise<void> {
  await runClaude(['plugin', 'marketplace', 'add', PLUGIN], { home, cwd: project })
  await runClaude(['plugin', 'install', 'presence@presence'], { home, cwd: project })
}

describe.skipIf(!hasClaudeCode)(
  'the real Claude Code, with a stand-in for the model that plays scripted turns',
  () => {
    describeEachEngine('on a shared board', engine => {
      let dsn: string
      beforeEach(async () => {
        ;({ dsn } = await newBoardOn(engine.port))
      })

      /** Runs one prompt with the board of this test, again if a hook had no answer in time. */
      async function prompted(
        turns: readonly Turn[],
        PATH: string,
        more: Readonly<Record<string, string>> = {},
        args: readonly string[] = ['--allowedTools', 'Bash'],
      ) {
        const env = { PRESENCE_DSN: dsn, PATH, ...more }
        for (;;) {
          const { url: modelUrl, asked } = await startModel(turns)
          const said = await promptClaude('drain k8s-1', { home, project, modelUrl, env, args })
          if (!asked.some(isNoAnswer)) return { ...said, asked }
        }
      }

      const claim: Turn = {
        tool: 'Bash',
        input: {
          command: 'presence claim node:k8s-1 --purpose drain; presence list --json --mine',
          description: 'c',
        },
      }

      it.each([
        ['hooks in its settings', async () => void (await wire()), ON_PATH],
        ['the plugin, and no presence on PATH', installPlugin, ONLY_NODE],
      ])(
        'with %s is told who is there, claims as its session, and releases its claims at the end',
        async (_, prepare, path) => {
          await prepare()
          await presenceOn(dsn, 'bob')('claim', 'node:k8s-1', '--purpose', 'restart the kubelet')
          const { session_id: id, asked, result } = await prompted([claim, { text: 'drained' }], path)
          expect(result).toBe('drained')
          expect(asked[0]).toContain('node:k8s-1: \\"restart the kubelet\\" by bob')
          expect(asked[1]).toContain('ALSO CLAIMED BY')
          expect(asked[1], 'it claims as that session').toMatch(new RegExp(`session_id[\\\\": ]+${id}`))
          const left = JSON.parse((await presenceOn(dsn, 'eve')('list', '--json')).stdout)
          expect(left.map((each: { session_id: string }) => each.session_id)).toEqual(['bob'])
        },
      )

      it.each([
        [
          'in its settings',
          async () => {
            await wire()
            await presence(['init', '--mcp', 'claude-code'], { cwd: project, env: { HOME: home } })
            return ['--mcp-config', join(project, '.mcp.json')]
          },
          'mcp__presence__',
          ON_PATH,
        ],
        [
          'of the plugin, and no presence on PATH',
          async () => {
            await installPlugin()
            return []
          },
          'mcp__plugin_presence_presence__',
          ONLY_NODE,
        ],
      ])(
        'with the MCP server %s claims through a tool, as the same session as its hooks',
        async (_, prepare, prefix, path) => {
          const args = await prepare()
          await presenceOn(dsn, 'bob')('claim', 'node:k8s-1', '--purpose', 'restart the kubelet')
          const turn: Turn = { tool: `${prefix}claim`, input: { label: 'node:k8s-1', purpose: 'drain' } }
          const { session_id: id, asked } = await prompted([turn, { text: 'drained' }], path, {}, [
            ...args,
            '--allowedTools',
            `${prefix}claim`,
          ])
          expect(asked[1]).toMatch(/restart the kubelet/)
          const log = (await presenceOn(dsn, 'eve')('log', '--json')).stdout
          expect(log).toMatch(new RegExp(`"co-claim"[^{]*"session_id":"${id}"`))
          // The release by the end hook removed it: it is the same session.
          const left = JSON.parse((await presenceOn(dsn, 'eve')('list', '--json')).stdout)
          expect(left.map((each: { session_id: string }) => each.session_id)).toEqual(['bob'])
        },
      )

      it('with both is told only once', async () => {
        await wire()
        await installPlugin()
        await presenceOn(dsn, 'bob')('claim', 'node:k8s-1', '--purpose', 'restart the kubelet')
        const { asked } = await prompted([{ text: 'done' }], ON_PATH)
        const started = asked[0]?.split('SessionStart hook additional context: Presence board').length
        const told = asked[0]?.split('UserPromptSubmit hook additional context: Presence board').length
        expect([started, told]).toEqual([2, 2])
      })

      it('with hooks that a server answers is told who is there and which messages arrived, and releases at the end', async () => {
        const server = new Running(['serve', '--port', '0'], { PRESENCE_DSN: dsn })
        await using _ = server
        await wire('--http', (await server.line(/serving on/)).replace(/^.* /, ''))
        await using bob = await openBoard({ dsn, session: 'bob', env: {} })
        await bob.claim('node:k8s-1', { purpose: 'restart the kubelet' })
        await bob.messages.send({ subject: 'hands off k8s-1', body: 'until noon' })
        const { session_id: id, asked, result } = await prompted([claim, { text: 'drained' }], ON_PATH)
        expect(result).toBe('drained')
        for (const event of ['SessionStart', 'UserPromptSubmit'])
          expect(asked[0]).toMatch(
            new RegExp(`${event} hook additional context: Presence (board|messages) at`),
          )
        expect(asked[0]?.split('hands off k8s-1'), 'told at the start, and not again').toHaveLength(2)
        expect(asked[1], 'it claims as that session').toMatch(new RegExp(`session_id[\\\\": ]+${id}`))
        const left = await bob.list()
        expect(left.ok && left.claims.map(({ session }) => session.id)).toEqual(['bob'])
      })

      it('can’t use its task list if the project has a tracker', async () => {
        await wire('--deny-task-tools')
        mkdirSync(join(project, '.beads'))
        // The tracker isn't called here: its presence is enough.
        writeFileSync(join(home, 'bd'), '#!/bin/sh\n', { mode: 0o755 })
        const todo: Turn = {
          tool: 'TaskCreate',
          input: { subject: 'drain', description: 'drain k8s-1', activeForm: 'draining' },
        }
        const { asked } = await prompted([todo, { text: 'ok' }], `${home}:${ON_PATH}`, {
          CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
        })
        expect(asked[1]).toMatch(/tool_result.*bd /)
      })
    })

    it("gets from the plugin a path for its status line that stays valid after an update of the plugin's folder", async () => {
      await installPlugin()
      const data = join(home, '.claude/plugins/data/presence-presence')
      const model = await startModel([{ text: 'hello' }])
      await promptClaude('hello', { home, project, modelUrl: model.url, env: { PATH: ONLY_NODE } })
      const skill = readFileSync(join(PLUGIN, 'skills/statusline/SKILL.md'), 'utf8')
      const [, command = ''] = /"command": "([^"]+)"/.exec(skill) ?? []
      const said = execFileSync('sh', ['-c', `${command} --help`], {
        encoding: 'utf8',
        env: { PATH: ONLY_NODE, HOME: home, CLAUDE_PLUGIN_DATA: data },
      })
      expect(said).toContain('Usage: presence statusline')
    })
  },
)
