import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateContent } from '../models/generate-content.ts'
import { type Agent, fromNpm } from './agent.ts'

const QUIET = {
  security: { auth: { selectedType: 'gemini-api-key' } },
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
}

/** Gemini CLI with `-p`: one prompt, without a terminal. */
export const geminiCli: Agent = {
  ...fromNpm('gemini-cli'),
  title: 'Gemini CLI',
  protocol: generateContent,
  settings: '.gemini/settings.json',
  shell: command => ({ tool: 'run_shell_command', input: { command, description: 'c' } }),
  background: command => [
    { tool: 'run_shell_command', input: { command, description: 'c', is_background: true } },
    { tool: 'run_shell_command', input: { command: 'sleep 3', description: 'c' } },
  ],
  mcp: (tool, input) => ({ tool: `mcp_presence_${tool}`, input }),
  prepare: ({ home, project }, { trusted }) => {
    const folder = join(home, '.gemini')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(QUIET))
    if (trusted !== 'nothing')
      writeFileSync(join(folder, 'trustedFolders.json'), JSON.stringify({ [project]: 'TRUST_FOLDER' }))
  },
  args: (prompt, { resume, trusted }) => [
    '-p',
    prompt,
    '-o',
    'json',
    // With this model it doesn't first ask another one which model to use.
    '-m',
    'gemini-2.5-pro',
    '--approval-mode',
    'yolo',
    ...(resume === undefined ? [] : ['--resume', resume]),
    // Without it a run in an untrusted folder ends at once.
    ...(trusted === 'nothing' ? ['--skip-trust'] : []),
  ],
  env: modelUrl => ({ GOOGLE_GEMINI_BASE_URL: modelUrl, GEMINI_API_KEY: 'nobody' }),
  sessionOf: stdout => /"session_id":\s*"([^"]+)"/.exec(stdout)?.[1] ?? '',
}
