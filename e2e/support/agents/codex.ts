import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { responses } from '../models/responses.ts'
import { type Agent, fromNpm } from './agent.ts'

/** The longest time that Codex waits for a command before it asks the model again. */
const YIELD_MS = 30_000

/** Codex with `exec`, in its default sandbox. */
export const codex: Agent = {
  ...fromNpm('codex'),
  title: 'Codex',
  protocol: responses,
  settings: '.codex/hooks.json',
  shell: command => ({
    tool: 'exec_command',
    input: { cmd: command, login: false, yield_time_ms: YIELD_MS },
  }),
  background: command => [
    { tool: 'exec_command', input: { cmd: command, login: false, yield_time_ms: 250 } },
    told => ({
      tool: 'write_stdin',
      input: {
        session_id: Number(/session ID (\d+)/.exec(told)?.[1]),
        chars: '',
        yield_time_ms: YIELD_MS,
      },
    }),
  ],
  mcp: (tool, input) => ({ tool, input, namespace: 'mcp__presence' }),
  prepare: ({ home, project }, { trusted, sandbox }) => {
    const folder = join(home, '.codex')
    const state = join(home, '.local/state/presence')
    mkdirSync(folder, { recursive: true })
    mkdirSync(state, { recursive: true })
    const projects =
      trusted === 'nothing' ? '' : `[projects.${JSON.stringify(project)}]\ntrust_level = "trusted"\n`
    const writable =
      sandbox === 'state' ? `[sandbox_workspace_write]\nwritable_roots = [${JSON.stringify(state)}]\n` : ''
    writeFileSync(
      join(folder, 'config.toml'),
      `model = "gpt-5.5"
model_provider = "stand-in"
check_for_update_on_startup = false
${sandbox === 'everything' ? 'sandbox_mode = "danger-full-access"' : ''}
[analytics]
enabled = false
${writable}${projects}`,
    )
  },
  args: (prompt, { resume, trusted, modelUrl }) => [
    'exec',
    '--json',
    '--skip-git-repo-check',
    // Not in the file, because two runs may have the same one.
    '-c',
    `model_providers.stand-in={name="stand-in", base_url="${modelUrl}/v1", env_key="STAND_IN_KEY", wire_api="responses"}`,
    // A person would review the hooks once, with /hooks.
    ...(trusted === 'hooks' ? ['--dangerously-bypass-hook-trust'] : []),
    ...(resume === undefined ? [] : ['resume', resume]),
    prompt,
  ],
  env: () => ({ STAND_IN_KEY: 'nobody' }),
  sessionOf: stdout => /"thread_id":"([^"]+)"/.exec(stdout)?.[1] ?? '',
}
