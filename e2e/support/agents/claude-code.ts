import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messages } from '../models/messages.ts'
import { type Agent, fromNpm, programOf } from './agent.ts'
import type { Place } from './place.ts'

const QUIET = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' }

export const PLUGIN = join(import.meta.dirname, '../../../dist/claude-code-plugin')

/** Claude Code with `-p`: one prompt, without a terminal. */
export const claudeCode: Agent = {
  ...fromNpm('claude-code'),
  title: 'Claude Code',
  protocol: messages,
  settings: '.claude/settings.json',
  shell: command => ({ tool: 'Bash', input: { command, description: 'c' } }),
  background: command => [
    { tool: 'Bash', input: { command, description: 'c', run_in_background: true } },
    // It waits for the end of the command, and then tells the model.
    { text: 'waiting' },
  ],
  mcp: (tool, input) => ({ tool: `mcp__presence__${tool}`, input }),
  prepare: () => {},
  args: (prompt, { resume, place }) => {
    const servers = join(place.project, '.mcp.json')
    return [
      '-p',
      prompt,
      '--output-format',
      'json',
      ...(resume === undefined ? [] : ['--resume', resume]),
      // A person would approve the project's servers once.
      ...(existsSync(servers) ? ['--mcp-config', servers] : []),
      '--allowedTools',
      'Bash',
      'mcp__presence',
      'mcp__plugin_presence_presence',
    ]
  },
  env: modelUrl => ({ ANTHROPIC_BASE_URL: modelUrl, ANTHROPIC_API_KEY: 'sk-ant-nobody', ...QUIET }),
  sessionOf: stdout => /"session_id":\s*"([^"]+)"/.exec(stdout)?.[1] ?? '',
}

/** Installs presence's plugin for Claude Code, as a person does. */
export async function installPlugin({ home, project }: Place): Promise<void> {
  const program = await programOf('claude-code')
  const { PATH } = process.env
  for (const args of [
    ['marketplace', 'add', PLUGIN],
    ['install', 'presence@presence'],
  ])
    await promisify(execFile)(program, ['plugin', ...args], {
      cwd: project,
      env: { PATH, HOME: home, ...QUIET },
    })
}
