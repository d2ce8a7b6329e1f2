import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claudeCode, installPlugin, PLUGIN } from './support/agents/claude-code.ts'
import { newPlace, PATH, PATH_WITHOUT_PRESENCE, type Place } from './support/agents/place.ts'
import { runAgent } from './support/agents/run.ts'
import { presenceOn } from './support/cli.ts'
import type { Turn } from './support/models/protocol.ts'
import { Running } from './support/running.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

let place: Place
beforeEach(() => {
  place = newPlace()
})

const wire = (...args: string[]) => place.presence(['init', '--hooks', 'claude-code', ...args])

describe.skipIf(!claudeCode.isHere)(
  'the real Claude Code, with a stand-in for the model that plays scripted turns',
  () => {
    describeEachEngine('on a shared board', engine => {
      let dsn: string
      beforeEach(async () => {
        ;({ dsn } = await newBoardOn(engine.port))
      })

      /** Runs one prompt with the board of this test. */
      const prompted = (turns: readonly Turn[], env: Readonly<Record<string, string>> = {}) =>
        runAgent(claudeCode, { place, turns, env: { PRESENCE_DSN: dsn, ...env } })

      const servers: Running[] = []
      afterEach(async () => {
        for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
      })
      async function serverHooks(): Promise<void> {
        const server = new Running(['serve', '--port', '0'], { PRESENCE_DSN: dsn })
        servers.push(server)
        await wire('--http', (await server.line(/serving on/)).replace(/^.* /, ''))
      }

      const claim: Turn = {
        tool: 'Bash',
        input: {
          command: 'presence claim node:k8s-1 --purpose drain; presence list --json --mine',
          description: 'c',
        },
      }

      it.each([
        ['hooks in its settings', async () => void (await wire()), PATH],
        ['the plugin, and no presence on PATH', () => installPlugin(place), PATH_WITHOUT_PRESENCE],
      ])(
        'with %s is told who is there, claims as its session, and releases its claims at the end',
        async (_, prepare, path) => {
          await prepare()
          await presenceOn(dsn, 'bob')('claim', 'node:k8s-1', '--purpose', 'restart the kubelet')
          const { id, asked, stdout } = await prompted([claim, { text: 'drained' }], { PATH: path })
          expect(JSON.parse(stdout).result).toBe('drained')
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
            await place.presence(['init', '--mcp', 'claude-code'])
          },
          'mcp__presence__',
          PATH,
        ],
        [
          'of the plugin, and no presence on PATH',
          () => installPlugin(place),
          'mcp__plugin_presence_presence__',
          PATH_WITHOUT_PRESENCE,
        ],
      ])(
        'with the MCP server %s claims through a tool, as the same session as its hooks',
        async (_, prepare, prefix, path) => {
          await prepare()
          await presenceOn(dsn, 'bob')('claim', 'node:k8s-1', '--purpose', 'restart the kubelet')
          const turn: Turn = { tool: `${prefix}claim`, input: { label: 'node:k8s-1', purpose: 'drain' } }
          const { id, asked } = await prompted([turn, { text: 'drained' }], { PATH: path })
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
        await installPlugin(place)
        await presenceOn(dsn, 'bob')('claim', 'node:k8s-1', '--purpose', 'restart the kubelet')
        const { asked } = await prompted([{ text: 'done' }])
        const started = asked[0]?.split('SessionStart hook additional context: Presence board').length
        const told = asked[0]?.split('UserPromptSubmit hook additional context: Presence board').length
        expect([started, told]).toEqual([2, 2])
      })

      it.each([
        ['its settings', async () => void (await wire())],
        ['a server', serverHooks],
      ])('with hooks of %s tells each subagent who is there, at its start', async (_, prepare) => {
        await prepare()
        await presenceOn(dsn, 'bob')('claim', 'node:k8s-1', '--purpose', 'restart the kubelet')
        const input = { description: 'look', prompt: 'look around', subagent_type: 'general-purpose' }
        const { asked } = await prompted([
          { tool: 'Agent', input: { ...input, run_in_background: false } },
          { text: 'looked' },
          { text: 'done' },
        ])
        expect(asked[0]?.split('restart the kubelet')).toHaveLength(2)
        expect(asked[1]).toContain('look around')
        expect(asked[1]).toMatch(
          /SubagentStart hook additional context: Presence board at .*restart the kubelet/,
        )
      })

      it('with hooks that a server answers is told who is there and which messages arrived, and releases at the end', async () => {
        const server = new Running(['serve', '--port', '0'], { PRESENCE_DSN: dsn })
        await using _ = server
        await wire('--http', (await server.line(/serving on/)).replace(/^.* /, ''))
        await using bob = await openBoard({ dsn, session: 'bob', env: {} })
        await bob.claim('node:k8s-1', { purpose: 'restart the kubelet' })
        await bob.messages.send({ subject: 'hands off k8s-1', body: 'until noon' })
        const { id, asked, stdout } = await prompted([claim, { text: 'drained' }])
        expect(JSON.parse(stdout).result).toBe('drained')
        for (const event of ['SessionStart', 'UserPromptSubmit'])
          expect(asked[0]).toMatch(
            new RegExp(`${event} hook additional context: Presence (board|messages) at`),
          )
        expect(asked[0]?.split('restart the kubelet'), 'told at the start, and not again').toHaveLength(2)
        expect(asked[0]?.split('hands off k8s-1'), 'told at the start, and not again').toHaveLength(2)
        expect(asked[1], 'it claims as that session').toMatch(new RegExp(`session_id[\\\\": ]+${id}`))
        const left = await bob.list()
        expect(left.ok && left.claims.map(({ session }) => session.id)).toEqual(['bob'])
      })

      it('can’t use its task list if the project has a tracker', async () => {
        await wire('--deny-task-tools')
        mkdirSync(join(place.project, '.beads'))
        // The tracker isn't called here: its presence is enough.
        writeFileSync(join(place.home, 'bd'), '#!/bin/sh\n', { mode: 0o755 })
        const todo: Turn = {
          tool: 'TaskCreate',
          input: { subject: 'drain', description: 'drain k8s-1', activeForm: 'draining' },
        }
        const { asked } = await prompted([todo, { text: 'ok' }], {
          PATH: `${place.home}:${PATH}`,
          CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
        })
        expect(asked[1]).toMatch(/tool_result.*bd /)
      })
    })

    it("gets from the plugin a path for its status line that stays valid after an update of the plugin's folder", async () => {
      await installPlugin(place)
      const data = join(place.home, '.claude/plugins/data/presence-presence')
      const env = { PATH: PATH_WITHOUT_PRESENCE }
      await runAgent(claudeCode, { place, env, turns: [{ text: 'hello' }] })
      const skill = readFileSync(join(PLUGIN, 'skills/statusline/SKILL.md'), 'utf8')
      const [, command = ''] = /"command": "([^"]+)"/.exec(skill) ?? []
      const said = execFileSync('sh', ['-c', `${command} --help`], {
        encoding: 'utf8',
        env: { ...env, HOME: place.home, CLAUDE_PLUGIN_DATA: data },
      })
      expect(said).toContain('Usage: presence statusline')
    })
  },
)
