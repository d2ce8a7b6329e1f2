import { describe, expect, it } from 'vitest'
import { ADAPTERS } from '../agents/index.ts'
import type { EventName } from '../hook.ts'
import { notificationsIn } from './notifications.ts'

const ending = (agent: string, payload: object, event: EventName = 'PostToolUse') =>
  ADAPTERS.get(agent)?.ending(payload as Record<string, unknown>, event)
const shell = (agent: string, payload: object) =>
  ADAPTERS.get(agent)?.shell(payload as Record<string, unknown>)

describe('how a command ended', () => {
  it('Claude Code says by its event, by the text of a failure, and by the id of a background task', () => {
    const failed = (more: object) => ending('claude-code', more, 'PostToolUseFailure')
    expect(ending('claude-code', { tool_response: { stdout: '' } })).toEqual({
      outcome: 'succeeded',
      exitStatus: 0,
    })
    expect(failed({ error: 'Exit code 3\nno such node' })).toEqual({ outcome: 'failed', exitStatus: 3 })
    expect(failed({ error: 'Exit code 143\nCommand timed out' })).toEqual({
      outcome: 'failed',
      exitStatus: 143,
    })
    expect(failed({ error: 'it said Exit code 3' })).toEqual({ outcome: 'failed' })
    expect(failed({ error: 'Exit code 137', is_interrupt: true })).toBeUndefined()
    expect(ending('claude-code', { tool_response: { interrupted: true } })).toBeUndefined()
    expect(ending('claude-code', { tool_response: { backgroundTaskId: 'b1' } })).toEqual({
      outcome: 'background',
    })
  })

  it('Codex does not say', () => {
    expect(ending('codex', { tool_response: 'Exit code 3' })).toEqual({ outcome: 'ended' })
  })

  it('Gemini CLI says in the last such line of its text', () => {
    const said = (llmContent: string) => ending('gemini-cli', { tool_response: { llmContent } })
    expect(said('Output: Exit Code: 1\nExit Code: 9\nExit Code: 3\nSignal: none')).toEqual({
      outcome: 'failed',
      exitStatus: 3,
    })
    expect(said('Output: fine\nExit Code: 0')).toEqual({ outcome: 'succeeded', exitStatus: 0 })
    expect(said('Output: fine')).toEqual({ outcome: 'ended' })
    expect(ending('gemini-cli', { tool_input: { is_background: true } })).toEqual({ outcome: 'background' })
  })

  it('Cursor says in the JSON of its output', () => {
    expect(ending('cursor', { tool_output: '{"exitCode":4,"stdout":""}' })).toEqual({
      outcome: 'failed',
      exitStatus: 4,
    })
    expect(ending('cursor', {})).toEqual({ outcome: 'ended' })
    expect(ending('cursor', { failure_type: 'timeout' }, 'PostToolUseFailure')).toEqual({ outcome: 'failed' })
    expect(ending('cursor', { is_interrupt: true }, 'PostToolUseFailure')).toBeUndefined()
  })
})

describe('the end of a background command', () => {
  const note = (id: string, status: string, summary: string) =>
    `<task-notification>\n<task-id>b1</task-id>\n<tool-use-id>${id}</tool-use-id>\n<status>${status}</status>\n<summary>Background command "x" ${summary}</summary>\n</task-notification>`

  it('is read from the prompt that reports it', () => {
    const prompt = [
      note('toolu_1', 'completed', 'completed (exit code 0)'),
      note('toolu_2', 'failed', 'failed with exit code 3'),
      note('toolu_3', 'killed', 'was stopped'),
      note('toolu_4', 'completed', 'is over'),
    ].join('\n')
    expect(notificationsIn(prompt)).toEqual([
      { toolUseId: 'toolu_1', ending: { outcome: 'succeeded', exitStatus: 0 } },
      { toolUseId: 'toolu_2', ending: { outcome: 'failed', exitStatus: 3 } },
      { toolUseId: 'toolu_3', ending: undefined },
      { toolUseId: 'toolu_4', ending: { outcome: 'succeeded' } },
    ])
  })

  it('is not read from other prompts', () => {
    expect(notificationsIn('drain the node; exit code 3')).toEqual([])
    expect(notificationsIn('<task-notification><tool-use-id></tool-use-id>')).toEqual([])
  })
})

it('the command of each agent’s shell tool is read, and that of no other tool', () => {
  const input = { command: 'ls', timeout: 5_000, run_in_background: true, is_background: true }
  expect(shell('claude-code', { tool_name: 'Bash', tool_input: input })).toEqual({
    command: 'ls',
    timeoutMs: 5_000,
    isBackground: true,
  })
  expect(shell('codex', { tool_name: 'Bash', tool_input: { command: 'ls', workdir: 'infra' } })).toEqual({
    command: 'ls',
    folder: 'infra',
    isBackground: false,
  })
  expect(shell('gemini-cli', { tool_name: 'run_shell_command', tool_input: input })).toMatchObject({
    command: 'ls',
    isBackground: true,
  })
  expect(shell('cursor', { command: 'ls', cwd: '/' })).toEqual({ command: 'ls', isBackground: false })
  for (const agent of ADAPTERS.keys()) {
    expect(shell(agent, { tool_name: 'Read', tool_input: input }), agent).toBeUndefined()
    expect(shell(agent, { tool_name: 'Bash', tool_input: { command: 7 } }), agent).toBeUndefined()
    expect(shell(agent, {}), agent).toBeUndefined()
  }
})
