import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasNpmProgram } from '../../toolchain/npm.mjs'

const run = promisify(execFile)

/**
 * A new contributor's `npm test` does not download 360 MB. The tests run in CI, and if it is already
 * installed.
 */
export const hasClaudeCode = process.env['CI'] !== undefined || hasNpmProgram('claude-code')

const NPM = join(import.meta.dirname, '../../toolchain/npm.mjs')
/** Downloads it if necessary. Not in this process, which must respond to the test runner in the meantime. */
async function claudeCode(): Promise<string> {
  return (await run(process.execPath, [NPM, 'claude-code'])).stdout.trim()
}

interface Run {
  /** The home folder and the project's folder. */
  readonly home: string
  readonly project: string
  readonly modelUrl: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

/**
 * Runs one prompt to its end with `claude -p`: without a person, and without network access beyond this
 * machine.
 */
export async function promptClaude(
  prompt: string,
  { home, project, modelUrl, env, args = [] }: Run,
): Promise<{ readonly session_id: string; readonly result: string }> {
  const { stdout } = await runClaude(['-p', prompt, '--output-format', 'json', ...args], {
    home,
    cwd: project,
    env: { ANTHROPIC_BASE_URL: modelUrl, ANTHROPIC_API_KEY: 'sk-ant-nobody', ...env },
  })
  return JSON.parse(stdout)
}

export async function runClaude(
  args: readonly string[],
  { home, cwd, env = {} }: { home: string; cwd: string; env?: Readonly<Record<string, string>> },
): Promise<{ readonly stdout: string }> {
  const { PATH = '' } = process.env
  const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' }
  const running = run(await claudeCode(), [...args], {
    cwd,
    env: { PATH, HOME: home, ...quiet, ...env },
    timeout: 240_000,
  })
  running.child.stdin?.end()
  return running
}
