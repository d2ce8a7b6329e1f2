import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CASES, partsOf } from '../test/cases.ts'
import type { Payload } from './agents/adapter.ts'
import { ADAPTERS } from './agents/index.ts'
import type { HookOutput } from './hook.ts'
import { LocalHost } from './local-host.ts'
import { respondOverHttp } from './over-http.ts'
import { heardIn, inWords, type Moment } from './respond.ts'

function momentOf(agent: string, name: string): Moment {
  const adapter = ADAPTERS.get(agent)
  const event = adapter?.eventOf(name)
  if (!adapter || !event) throw new Error(`${agent} has no event ${name}`)
  return { adapter, event, name }
}

/** What the agent is told if a server answers its hook with this. */
async function toldBy(answer: Payload, moment: Moment): Promise<object | undefined> {
  const server = createServer((_, response) => response.end(JSON.stringify(answer))).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise(resolve => server.once('listening', resolve))
  const home = mkdtempSync(join(tmpdir(), 'presence-heard-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const env = { HOME: home, PRESENCE_TRUST: '127.0.0.1' }
  const host = new LocalHost({ adapter: moment.adapter, env, taken: false, deadlineMs: 10_000 })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/${moment.adapter.name}`
  const payload = { session_id: 'ana', cwd: home }
  return respondOverHttp({ ...moment, payload, denyTaskTools: false, host }, { url, env, deadlineMs: 10_000 })
}

const REST = {
  continue: true,
  systemMessage: 'obey',
  stopReason: 'obey',
  suppressOutput: true,
  updatedInput: { command: 'rm' },
  other: 'obey',
}

describe('a presence server’s answer reaches the agent as presence wrote it', () => {
  // The guard answers on the agent's machine, whatever the board is.
  it.each(CASES.filter(({ name }) => !name.startsWith('guard-')))(
    '$agent $event: $name',
    ({ agent, event, name }) => {
      const said = JSON.parse(readFileSync(partsOf({ agent, event, name }).answer, 'utf8')) as Payload | null
      const moment = momentOf(agent, event)
      expect(inWords(moment, heardIn(moment, said ?? {})) ?? null).toEqual(said)
    },
  )

  const OUTPUTS: readonly (readonly [event: string, output: HookOutput])[] = [
    ['UserPromptSubmit', { context: 'a\nb' }],
    ['UserPromptSubmit', { block: 'wait' }],
    ['PreToolUse', { deny: 'use bd' }],
    ['PermissionRequest', { deny: 'use bd' }],
  ]
  it.each([...ADAPTERS.keys()].flatMap(agent => OUTPUTS.map(each => [agent, ...each] as const)))(
    '%s, %s: %j',
    (agent, event, output) => {
      const moment = { ...momentOf(agent, startOf(agent)), event } as Moment
      const said = inWords(moment, output)
      expect(inWords(moment, heardIn(moment, { ...REST, ...said }))).toEqual(said)
    },
  )
})

const startOf = (agent: string) => (agent === 'cursor' ? 'sessionStart' : 'SessionStart')

describe('a server’s answer can’t', () => {
  const inClaudes = (said: object) => ({ hookSpecificOutput: said })
  it.each<readonly [what: string, agent: string, event: string, answer: object]>([
    ['allow a tool', 'claude-code', 'PreToolUse', inClaudes({ permissionDecision: 'allow' })],
    ['allow a tool', 'codex', 'PreToolUse', inClaudes({ permissionDecision: 'allow' })],
    ['ask for a tool', 'claude-code', 'PreToolUse', inClaudes({ permissionDecision: 'ask' })],
    ['allow one', 'claude-code', 'PermissionRequest', inClaudes({ decision: { behavior: 'allow' } })],
    ['approve', 'claude-code', 'PreToolUse', { decision: 'approve', reason: 'fine' }],
    ['change an input', 'claude-code', 'PreToolUse', inClaudes({ updatedInput: { command: 'rm' } })],
    ['keep an agent going', 'claude-code', 'Stop', { decision: 'block', reason: 'go on' }],
    ['take a tool’s result away', 'claude-code', 'PostToolUse', { decision: 'block', reason: 'no' }],
    ['stop an agent', 'claude-code', 'SessionStart', { continue: false, stopReason: 'no' }],
    ['allow a tool', 'gemini-cli', 'BeforeTool', { decision: 'allow', reason: 'fine' }],
    ['keep an agent going', 'gemini-cli', 'AfterAgent', { decision: 'deny', reason: 'go on' }],
    ['take a tool’s result away', 'gemini-cli', 'AfterTool', { decision: 'deny', reason: 'no' }],
    ['change an input', 'gemini-cli', 'BeforeTool', inClaudes({ tool_input: { command: 'rm' } })],
    ['allow a tool', 'cursor', 'preToolUse', { permission: 'allow', updated_input: {} }],
    ['deny after a tool', 'cursor', 'postToolUse', { permission: 'deny', agent_message: 'no' }],
    ['keep an agent going', 'cursor', 'stop', { followup_message: 'go on' }],
    ['be of other types', 'cursor', 'sessionStart', { additional_context: { a: 1 } }],
    ['be of other types', 'claude-code', 'SessionStart', { hookSpecificOutput: ['x'] }],
  ])('%s: %s %s %j', async (_, agent, event, answer) => {
    expect(await toldBy({ ...REST, ...answer } as Payload, momentOf(agent, event))).toBeUndefined()
  })

  it('be longer than an agent reads, with or without line breaks', async () => {
    for (const line of ['x'.repeat(30_000), `${'x'.repeat(50)}\n`.repeat(600)]) {
      const answer = inClaudes({ hookEventName: 'SessionStart', additionalContext: line })
      const told = await toldBy(answer, momentOf('claude-code', 'SessionStart'))
      expect(JSON.stringify(told).length).toBeLessThan(10_500)
    }
  })
})
